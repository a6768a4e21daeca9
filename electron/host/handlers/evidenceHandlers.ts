// Answers of evidence.* and audit.*: each a call of its service.
import { exportAudit } from '#services/evidence/exportAudit';
import { exportEvidence, getEvidence, listEvidence, showEvidence } from '#services/evidence/evidenceRecords';
import { keepAuditHead } from '#services/evidence/auditHead';
import { signEvidence } from '#services/evidence/signEvidence';
import { staleness } from '#services/evidence/staleness';
import { verifyAudit } from '#services/evidence/verifyAudit';
import { verifyEvidence } from '#services/evidence/verifyEvidence';
import type { HandlersOf } from './Handlers.ts';

type EvidenceNames = 'evidence.list' | 'evidence.get' | 'evidence.verify' | 'evidence.show' | 'evidence.sign' | 'evidence.staleness' | 'evidence.export' | 'audit.show' | 'audit.export' | 'audit.verify';

export const evidenceHandlers: HandlersOf<EvidenceNames> = (services) => {
  // From now on each audit entry that this process appends is witnessed by a signed head.
  const headKept = keepAuditHead(services).catch((error: unknown) => services.log.warn('The head of the audit trail is not signed.', { reason: error instanceof Error ? error.message : String(error) }));
  return {
    'evidence.list': async () => listEvidence(services),
    'evidence.get': async ({ id }) => getEvidence(services, id),
    'evidence.verify': ({ path }) => verifyEvidence(services, path),
    'evidence.show': ({ path }) => showEvidence(services, path),
    'evidence.sign': (input) => signEvidence(services, input),
    'evidence.staleness': (input) => staleness(services, input),
    'evidence.export': (input) => exportEvidence(services, input),
    'audit.show': async ({ limit }) => services.store.audit.list(limit),
    'audit.export': ({ outputPath, force }) => exportAudit(services, outputPath, force),
    'audit.verify': async () => {
      await headKept;
      return verifyAudit(services);
    },
  };
};
