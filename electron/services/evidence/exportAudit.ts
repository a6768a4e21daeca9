// The audit trail as a file that can be read and checked elsewhere.
import type { Services } from '../Services.ts';
import { canonicalJson } from '../store/canonicalJson.ts';
import { writeFileAtomic } from '../files/writeFileAtomic.ts';
import { readAuditHead } from './auditHead.ts';
import { knownKeys } from './keyring.ts';

/** JSON Lines: one entry a line, oldest first; the signed head is the last line. ALREADY_EXISTS, PERMISSION_DENIED, DISK_FULL. */
export async function exportAudit(services: Services, path: string, force: boolean): Promise<{ path: string; entries: number }> {
  const lines = [...services.store.audit.all()].map((entry) => canonicalJson(entry));
  const { head } = readAuditHead(services.dataDir, knownKeys(services.dataDir));
  await writeFileAtomic(path, [...lines, ...(head === null ? [] : [canonicalJson({ head })]), ''].join('\n'), { force });
  return { path, entries: lines.length };
}
