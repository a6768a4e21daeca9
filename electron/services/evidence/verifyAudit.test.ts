import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AuditEntry } from '#shared/contract/evidence';
import { openEvidenceBed, type EvidenceBed } from '#test/golden/report/evidenceBed';
import { auditGenesisHash, auditHash } from '../store/auditTrail.ts';
import { keepAuditHead, readAuditHead } from './auditHead.ts';
import { exportAudit } from './exportAudit.ts';
import { knownKeys } from './keyring.ts';
import { verifyAuditChain } from './verifyAudit.ts';

let bed: EvidenceBed;
beforeEach(async () => {
  bed = openEvidenceBed();
  await keepAuditHead(bed.services);
  for (let index = 1; index <= 40; index += 1) { bed.now += 1000; bed.store.audit.append({ actor: index % 3 === 0 ? 'Ben' : 'Anna', action: 'limits.locked', subject: `limits-${index}`, detail: { index, old: null } }); }
});
afterEach(() => bed.close());

const head = async () => readAuditHead(bed.services.dataDir, knownKeys(bed.services.dataDir));
const verify = async () => verifyAuditChain(bed.store.audit.all(), await head());
const idsOf = (result: { findings: ReadonlyArray<{ id: string; place: string }> }) => result.findings.map(({ id, place }) => `${id} ${place}`);
/** The chain written anew from an entry on, as someone with the code but not the key would. */
function rechain(entries: readonly AuditEntry[]): AuditEntry[] {
  let prevHash = auditGenesisHash;
  return entries.map((entry, index) => { const body = { ...entry, seq: index + 1, prevHash }; const hash = auditHash(body); prevHash = hash; return { ...body, hash }; });
}

test('an untouched chain holds, and its head is signed', async () => {
  expect(await verify()).toEqual({ intact: true, entries: 40, head: bed.store.audit.list(1).entries[0]?.hash, findings: [] });
  expect((await head()).head?.seq).toBe(40);
});

test('an edit in the database is found at its entry', async () => {
  bed.store.database.run('UPDATE audit SET detail = ? WHERE seq = 17', ['{"index":99}']);
  expect(idsOf(await verify())).toEqual(['AUDIT_CHANGED entry 17']);
});

test('a deleted entry, and a cut-off end, are found', async () => {
  bed.store.database.run('DELETE FROM audit WHERE seq = 9');
  expect(idsOf(await verify())).toEqual(['AUDIT_GAP entry 9', 'AUDIT_CHAIN entry 10']);
  bed.store.database.run('DELETE FROM audit WHERE seq > 30');
  expect(idsOf(await verify())).toContain('AUDIT_CUT entry 31');
});

test('entries appended after a cut do not hide it', async () => {
  bed.store.database.run('DELETE FROM audit WHERE seq > 35');
  for (let index = 0; index < 10; index += 1) bed.store.audit.append({ actor: 'Mallory', action: 'x', subject: 'y' });
  const result = await verify();
  expect(result.intact).toBe(false);
  expect(idsOf(result)).toEqual(['AUDIT_REWRITTEN entry 40']);
});

test('a chain written anew is found by the signed head', async () => {
  const forged = rechain([...bed.store.audit.all()].filter((entry) => entry.seq !== 5));
  expect(verifyAuditChain(forged, await head()).intact).toBe(false);
  const same = rechain([...bed.store.audit.all()].map((entry) => (entry.seq === 5 ? { ...entry, actor: 'Nobody' } : entry)));
  expect(idsOf(verifyAuditChain(same, await head()))).toEqual(['AUDIT_REWRITTEN entry 40']);
});

test('a changed or missing head is found', async () => {
  const path = join(bed.services.dataDir, 'keys', 'audit-head.json');
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replace('"seq":40', '"seq":12'));
  expect(idsOf(await verify())).toEqual(['AUDIT_HEAD keys/audit-head.json']);
  const { rmSync } = await import('node:fs');
  rmSync(path);
  expect((await verify()).intact).toBe(false);
});

test('any random edit of any field of any entry, swap or deletion is found', async () => {
  const entries = [...bed.store.audit.all()];
  const signed = await head();
  const edit = fc.oneof(
    fc.record({ kind: fc.constant('field' as const), at: fc.nat(39), field: fc.constantFrom('at', 'actor', 'action', 'subject', 'detail', 'prevHash', 'hash', 'seq') }),
    fc.record({ kind: fc.constant('delete' as const), at: fc.nat(39) }), fc.record({ kind: fc.constant('swap' as const), at: fc.nat(38) }), fc.record({ kind: fc.constant('repeat' as const), at: fc.nat(39) }),
  );
  fc.assert(fc.property(edit, (change) => {
    const copy = [...entries];
    const entry = copy[change.at];
    if (!entry) return;
    if (change.kind === 'delete') copy.splice(change.at, 1);
    else if (change.kind === 'repeat') copy.splice(change.at, 0, entry);
    else if (change.kind === 'swap') copy.splice(change.at, 2, ...[copy[change.at + 1], entry].flatMap((item) => (item ? [item] : [])));
    else copy[change.at] = { ...entry, [change.field]: change.field === 'seq' ? entry.seq + 1 : change.field === 'detail' ? { changed: true } : `${String(entry[change.field as 'at'])}x` };
    expect(verifyAuditChain(copy, signed).intact).toBe(false);
  }), { numRuns: 300 });
});

test('a clock that was set back is told with the entry that records it, and without one', async () => {
  bed.now -= 3_600_000;
  bed.store.audit.append({ actor: 'Anna', action: 'x', subject: 'y' });
  expect(await verify()).toMatchObject({ intact: true, findings: [{ id: 'AUDIT_CLOCK', severity: 'warning', place: 'entry 41', message: expect.stringContaining('back by at least 3600 s') }] });
  const older = rechain([...bed.store.audit.all()].filter(({ action }) => action !== 'clock.jump')); // as an earlier version wrote it
  expect(verifyAuditChain(older, { head: null, fault: null }).findings.filter(({ id }) => id === 'AUDIT_CLOCK')).toMatchObject([{ place: 'entry 41', message: expect.stringContaining('no entry clock.jump records it') }]);
});

test('the export has every entry and the head, and is not written over a file', async () => {
  const path = join(bed.dir, 'audit.jsonl');
  expect(await exportAudit(bed.services, path, false)).toEqual({ path, entries: 40 });
  const lines = readFileSync(path, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { seq?: number; head?: { seq: number } });
  expect([lines.length, lines[0]?.seq, lines[40]?.head?.seq]).toEqual([41, 1, 40]);
  await expect(exportAudit(bed.services, path, false)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
});
