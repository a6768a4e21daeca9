// Answers of evidence.* and audit.*: each a call of its service.
import { basename } from 'node:path';
import { attachFiles, detachFiles } from '#services/evidence/attachFiles';
import { exportAudit } from '#services/evidence/exportAudit';
import { exportEvidence, getEvidence, listEvidence, showEvidence } from '#services/evidence/evidenceRecords';
import { signEvidence } from '#services/evidence/signEvidence';
import { staleness } from '#services/evidence/staleness';
import { verifyAudit } from '#services/evidence/verifyAudit';
import { verifyEvidence } from '#services/evidence/verifyEvidence';
import type { Services } from '#services/Services';
import type { HandlersOf } from './Handlers.ts';

type EvidenceNames = 'evidence.list' | 'evidence.get' | 'evidence.verify' | 'evidence.show' | 'evidence.sign' | 'evidence.staleness' | 'evidence.export' | 'evidence.attach' | 'evidence.detach' | 'audit.show' | 'audit.export' | 'audit.verify';

/** @param headKept settles once the head of the audit trail is signed */
export const evidenceHandlers = (services: Services, headKept: Promise<unknown>): ReturnType<HandlersOf<EvidenceNames>> => ({
  'evidence.list': async () => listEvidence(services),
  'evidence.get': async ({ id }) => getEvidence(services, id),
  'evidence.verify': ({ path }) => verifyEvidence(services, path),
  'evidence.show': ({ path }) => showEvidence(services, path),
  'evidence.sign': (input) => signEvidence(services, input),
  'evidence.staleness': (input) => staleness(services, input),
  'evidence.attach': { subject: ({ files }) => files.map(({ name, path }) => name ?? basename(path)).join(', '), run: (input, context) => attachFiles(services, input, context) },
  'evidence.detach': { subject: ({ attachments }) => attachments.join(', '), run: (input, context) => detachFiles(services, input, context) },
  'evidence.export': (input) => exportEvidence(services, input),
  'audit.show': async ({ limit }) => services.store.audit.list(limit),
  'audit.export': ({ outputPath, force }) => exportAudit(services, outputPath, force),
  'audit.verify': async () => {
    await headKept;
    return verifyAudit(services);
  },
});
