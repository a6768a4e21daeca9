import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openEvidenceBed, type EvidenceBed } from '#test/golden/report/evidenceBed';
import { sampleReceipt } from '#test/golden/report/sampleReceipt';
import { getEvidence } from '../evidence/evidenceRecords.ts';
import { signEvidence } from '../evidence/signEvidence.ts';
import { addUser } from '../people/addUser.ts';
import { createStation } from '../stations/stationRecords.ts';
import { closeDeviation } from './closeDeviation.ts';
import { listDeviations, withDeviations } from './deviationRecords.ts';
import { openDeviation } from './openDeviation.ts';
import { reportedDeviations } from './reportedDeviations.ts';

let bed: EvidenceBed;
let stationId: string;
const stationName = () => sampleReceipt().station?.name ?? '';
beforeEach(() => {
  bed = openEvidenceBed();
  stationId = createStation(bed.services, { name: stationName(), line: 'Line 4', description: '', taktMs: null }).id;
});
afterEach(() => bed.close());

const open = (more: Partial<Parameters<typeof openDeviation>[1]> = {}) => openDeviation(bed.services, { text: 'Two sevens were read as ones.', impact: 'Wrong lot.', severity: 'critical', owner: 'Eva Lang', dueDate: '2026-12-01', limitIds: [], stationId, ...more });
const closing = { cause: 'The lamp was dark.', action: 'Lamp changed.', evidence: 'Work order 4711' };

it('is numbered, listed with what it was found against, and audited with old and new value', () => {
  expect(open()).toMatchObject({ id: 'DEV-0001', station: stationName(), closure: null });
  expect(open({ severity: 'minor' }).id).toBe('DEV-0002');
  expect(listDeviations(bed.services, { stationId, open: true }).map(({ id }) => id)).toEqual(['DEV-0002', 'DEV-0001']);
  expect(listDeviations(bed.services, { stationId: 'another' })).toEqual([]);
  expect(bed.store.audit.list(1).entries[0]).toMatchObject({ action: 'deviation.opened', subject: 'DEV-0002', detail: { old: null, new: { severity: 'minor' } } });
});

it('is refused against nothing and against what is not here', () => {
  expect(() => open({ stationId: undefined })).toThrowError(expect.objectContaining({ code: 'BAD_INPUT' }));
  expect(() => open({ stationId: 'gone' })).toThrowError(expect.objectContaining({ code: 'NOT_FOUND' }));
  expect(() => open({ stationId: undefined, validationId: 'gone' })).toThrowError(expect.objectContaining({ code: 'NOT_FOUND' }));
});

it('blocks the approval while it is critical and open, and the review not', async () => {
  const { paths, record } = await bed.make();
  open();
  await signEvidence(bed.services, { path: paths.zip, signer: 'Ben Ott', meaning: 'reviewed' });
  const approve = () => signEvidence(bed.services, { path: paths.zip, signer: 'Cem Aydin', meaning: 'approved' });
  await expect(approve()).rejects.toMatchObject({ code: 'FORBIDDEN', message: expect.stringContaining('DEV-0001 (Eva Lang)') });
  expect(getEvidence(bed.services, record.id).state).toBe('review');
  open({ severity: 'major' });
  await closeDeviation(bed.services, { id: 'DEV-0001', ...closing, signer: 'Eva Lang' });
  expect(await approve()).toMatchObject({ valid: true });
});

it('is closed once, by a user with the role, who gives the password', async () => {
  open();
  const password = 'three words of nobody';
  await addUser(bed.services, { user: 'root', printedName: 'Ada Root', role: 'Admin', password });
  for (const [user, printedName, role] of [['eva', 'Eva Lang', 'Engineer'], ['cem', 'Cem Aydin', 'Quality']] as const) await addUser(bed.services, { user, printedName, role, password, by: { user: 'root', password } });
  const close = (by: { user: string; password: string } | undefined) => closeDeviation(bed.services, { id: 'DEV-0001', ...closing, by });
  await expect(close(undefined)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  await expect(close({ user: 'cem', password: 'wrong words here' })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  await expect(close({ user: 'eva', password })).rejects.toMatchObject({ code: 'FORBIDDEN' });
  expect(await close({ user: 'cem', password })).toMatchObject({ closure: { by: 'Cem Aydin', role: 'Quality', authenticated: true, ...closing } });
  await expect(close({ user: 'cem', password })).rejects.toMatchObject({ code: 'FORBIDDEN', message: expect.stringContaining('was closed by Cem Aydin') });
  expect(bed.store.audit.list(1).entries[0]).toMatchObject({ actor: 'Cem Aydin', action: 'deviation.closed', detail: { user: 'cem' } });
});

it('stands in the next report with owner, due date and closure, and makes a pass one with deviations', async () => {
  open();
  expect([withDeviations('PASS', listDeviations(bed.services)), withDeviations('FAIL', listDeviations(bed.services))]).toEqual(['PASS WITH DEVIATIONS', 'FAIL']);
  await closeDeviation(bed.services, { id: 'DEV-0001', ...closing, signer: 'Eva Lang', role: 'process engineer' });
  expect(withDeviations('PASS', listDeviations(bed.services))).toBe('PASS');
  expect(reportedDeviations(bed.services, [], stationName())).toEqual([{ id: 'DEV-0001', severity: 'critical', dueDate: '2026-12-01', description: 'Two sevens were read as ones.', impact: 'Wrong lot.', owner: 'Eva Lang', limitIds: [], rootCause: 'The lamp was dark.', action: 'Lamp changed.', closure: expect.stringMatching(/Z, Eva Lang \(process engineer\), name not authenticated: Work order 4711$/) }]);
  expect(reportedDeviations(bed.services, [], 'another station')).toEqual([]);
});

it('an approved report stays in force until the one that follows it is approved', async () => {
  const first = await bed.make();
  for (const [signer, meaning] of [['Ben Ott', 'reviewed'], ['Cem Aydin', 'approved']] as const) await signEvidence(bed.services, { path: first.paths.zip, signer, meaning });
  const second = await bed.make({ ...sampleReceipt({ samples: 30 }), id: 'validation-0008', revision: 2, supersedes: { id: first.record.id, reportSha256: first.record.reportSha256, reason: 'Larger test set.' } }, { outputDir: join(bed.dir, 'second') });
  expect(getEvidence(bed.services, first.record.id).state).toBe('approved');
  await signEvidence(bed.services, { path: second.paths.zip, signer: 'Ben Ott', meaning: 'reviewed' });
  await signEvidence(bed.services, { path: second.paths.zip, signer: 'Cem Aydin', meaning: 'approved' });
  expect([first, second].map(({ record }) => getEvidence(bed.services, record.id).state)).toEqual(['superseded', 'approved']);
});
