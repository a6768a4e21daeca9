// What verification says of a signature whose key was retired since, or was retired already.
import type { Finding } from '#shared/finding';
import type { ReportJson } from '#core/report/renderJson';
import type { Services } from '../Services.ts';
import { clockToleranceMs } from '../store/clockWatch.ts';
import type { KnownKey } from './keyring.ts';
import type { SignaturePayload } from './signatures.ts';

/** @param isAudited asked only where the time of the signature lies after the end of its key */
export function retiredKeyFinding({ keyId, signer, meaning, signedAt }: SignaturePayload, { origin, nextKeyId }: KnownKey, until: string, isAudited: () => boolean): Finding {
  const whose = origin === 'own' ? 'this installation' : 'another installation that is trusted here';
  const late = Date.parse(signedAt) > Date.parse(until) + clockToleranceMs;
  if (!late || isAudited()) return { id: 'EVIDENCE_RETIRED_KEY', severity: 'info', place: keyId, message: `${signer} (${meaning}) signed with a retired key of ${whose}, valid until ${until}.` };
  return {
    id: 'EVIDENCE_AFTER_RETIREMENT', severity: 'error', place: keyId, message: `${signer} (${meaning}) signed at ${signedAt} with a key of ${whose} that was retired at ${until}, when ${nextKeyId ?? 'another key'} took its place.`,
    remedy: 'Do not use this copy. Find out who still has the retired key, and get the package again from its author.',
  };
}

/** A clock that was set back since makes a true signature look late: the place in the chain tells. */
export function auditedBeforeItsEnd(store: Pick<Services['store'], 'audit'>, payload: SignaturePayload, report: ReportJson | null): boolean {
  let signed = false;
  for (const { action, actor, detail } of store.audit.all()) {
    const told: Readonly<Record<string, unknown>> = typeof detail === 'object' && detail !== null ? detail as Record<string, unknown> : {}; // an object by the test before
    if (action === `evidence.${payload.meaning}` && actor === payload.signer && told['keyId'] === payload.keyId && told['reportSha256'] === report?.reportSha256) signed = true;
    if (action === 'keys.rotated' && told['oldKeyId'] === payload.keyId) return signed;
  }
  return false;
}
