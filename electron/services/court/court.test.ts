// The flip court from docket to report: blind, two people, disputes adjudicated, nothing told before it is closed.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { CourtOutcome } from '#shared/contract/court';
import { openEvidenceBed, type EvidenceBed } from '#test/golden/report/evidenceBed';
import { sampleReceipt } from '#test/golden/report/sampleReceipt';
import { listEvidence, showEvidence } from '../evidence/evidenceRecords.ts';
import { hashPassword, strengthForRandom } from '../people/passwordHash.ts';
import { userRecords } from '../people/userRecords.ts';
import { closeDocket } from './closeDocket.ts';
import { docketRecords, getDocket, shownDocket } from './docketRecords.ts';
import { originalIsA } from './cardOrder.ts';
import { giveVerdict, placesOf, showCard, takeBack } from './judge.ts';
import { openDocket } from './openDocket.ts';
import { reportCourt } from './reportCourt.ts';
import { sit } from './sit.ts';
import { openCourtSittings, type CourtSittings } from './sittings.ts';

let bed: EvidenceBed, sittings: CourtSittings;
const password = 'copper lantern forty';
const who = (user: string) => ({ user, password });
const flips = Array.from({ length: 6 }, (_, at) => ({ sample: `row ${at + 2}`, label: 'good', before: `before${at}`, after: `after${at}`, margin: 0.1 }));
const id = 'validation-0007';
const context = { signal: new AbortController().signal, progress: () => undefined, log: () => undefined };

let passwordHash: Awaited<ReturnType<typeof hashPassword>>;
beforeAll(async () => { passwordHash = await hashPassword(password, strengthForRandom); });
beforeEach(async () => {
  bed = openEvidenceBed();
  sittings = openCourtSittings(bed.services.clock);
  for (const [user, printedName, role] of [['ada', 'Ada Root', 'Admin'], ['ben', 'Ben Ott', 'Quality'], ['cem', 'Cem Aydin', 'Operator'], ['dora', 'Dora Weiss', 'Engineer']] as const) userRecords(bed.services).put({ id: user, user, printedName, role, createdAt: '', passwordChangedAt: '', passwordSetBy: 'self', disabledAt: null, lockedUntil: null, passwordHash, failedTries: 0 });
  mkdirSync(join(bed.dir, 'set'));
  writeFileSync(join(bed.dir, 'set', 'set.csv'), `torque,colour,label\n${flips.map((_, at) => `${at + 0.5},blue${at},good`).join('\n')}\n`);
  await openDocket(bed.services, { id, title: 'Lid', source: 'validation', data: { path: join(bed.dir, 'set', 'set.csv') }, manifestSha256: null, compare: { samples: 50, flips, sqnrDb: 30, cosine: 1, maxAbsError: 0, accuracy: null, bitExact: false } });
});
afterEach(() => bed.close());

/** Judges every card of the seat as `right` says, through A and B alone, as a person would. */
async function judgeAll(users: readonly [string, string?], right: (flip: number) => CourtOutcome) {
  const [by, second] = users;
  const seat = await sit(bed.services, sittings, { id, by: who(by), with: second === undefined ? undefined : who(second) });
  const record = sittings.of(seat.sitting);
  for (let position = 0; position < seat.total; position++) {
    const { answers } = await showCard(bed.services, record, position);
    const outcome = right(Number(/\d+/.exec(answers.a)?.[0]));
    giveVerdict(bed.services, record, position, outcome === 'original' ? (answers.a.startsWith('before') ? 'a' : 'b') : outcome === 'optimised' ? (answers.a.startsWith('after') ? 'a' : 'b') : outcome);
  }
  return record;
}
const first = (flip: number): CourtOutcome => (['optimised', 'optimised', 'original', 'both', 'neither', 'both'] as const)[flip] ?? 'unsure';
const second = (flip: number): CourtOutcome => (flip === 5 ? 'original' : flip === 4 ? 'unsure' : first(flip));

test('two people judge each alone, a third decides what they differ on, and counts and kappa are told at the end', async () => {
  await judgeAll(['ben'], first);
  expect(shownDocket(getDocket(bed.services, id))).toMatchObject({ state: 'judging', disputed: null, result: null });
  await expect(closeDocket(bed.services, { id, by: who('ben') })).rejects.toMatchObject({ code: 'BUSY' });
  await judgeAll(['cem'], second);
  expect(shownDocket(getDocket(bed.services, id))).toMatchObject({ state: 'disputed', disputed: 2 });
  await judgeAll(['dora'], (flip) => (flip === 5 ? 'both' : 'neither'));
  const closed = await closeDocket(bed.services, { id, by: who('cem') });
  expect(closed.result).toMatchObject({ flips: 6, repairs: 2, regressions: 1, harmless: 2, bothWrong: 1, undecided: 0, agreed: 4, adjudicated: 2, judges: ['Ben Ott', 'Cem Aydin'], adjudicators: ['Dora Weiss'], closedBy: 'Cem Aydin' });
  expect(closed.result?.kappa).toBeCloseTo(4 / 7, 12); // agreement 4/6; chance (2 * 2 + 1 * 2 + 2 * 1) / 36 = 2/9
  await expect(sit(bed.services, sittings, { id, by: who('ben') })).rejects.toMatchObject({ code: 'FORBIDDEN' });
});

test('a judge sees neither the models, the sample nor its label, and each sees an order of their own that stays at a resume', async () => {
  const cards = async (user: string) => {
    const { sitting, total } = await sit(bed.services, sittings, { id, by: who(user) });
    return Promise.all(Array.from({ length: total }, (_, position) => showCard(bed.services, sittings.of(sitting), position)));
  };
  const ben = await cards('ben');
  expect(ben[0]?.input).toEqual({ kind: 'row', left: 0, values: [{ name: 'torque', value: expect.any(String) }, { name: 'colour', value: expect.stringMatching(/^blue/) }] });
  expect(JSON.stringify(ben)).not.toMatch(/good|row \d|original|optimised/);
  expect(await cards('ben')).toEqual(ben);
  // Over many draws of the seed both orders of the answers occur, and they are not the same for both judges.
  await cards('cem');
  const orders = new Set<string>();
  for (let draw = 0; draw < 24; draw++) {
    docketRecords(bed.services).put({ ...getDocket(bed.services, id), seed: `draw ${draw}` });
    const first = (user: string) => { const [card] = placesOf(getDocket(bed.services, id), { docketId: id, role: 'judge', users: [user] }); return originalIsA(`draw ${draw}`, [user], card ?? 0); };
    orders.add(JSON.stringify([first('ben'), first('cem')]));
  }
  expect(orders.size).toBe(4);
});

test('one person never holds two seats, and both judges may adjudicate together', async () => {
  await judgeAll(['ben'], first);
  const again = await sit(bed.services, sittings, { id, by: who('ben') });
  expect(again).toMatchObject({ role: 'judge', judged: 6, next: null });
  await expect(sit(bed.services, sittings, { id, by: who('dora'), with: who('ada') })).rejects.toMatchObject({ code: 'BUSY' });
  await judgeAll(['cem'], second);
  await expect(sit(bed.services, sittings, { id, by: who('cem'), with: who('cem') })).rejects.toMatchObject({ code: 'FORBIDDEN' });
  await expect(sit(bed.services, sittings, { id, by: who('cem'), with: who('dora') })).rejects.toMatchObject({ code: 'FORBIDDEN' });
  expect(await sit(bed.services, sittings, { id, by: who('cem') })).toMatchObject({ role: 'judge' });
  await judgeAll(['cem', 'ben'], () => 'original');
  expect((await closeDocket(bed.services, { id, by: who('ben') })).result).toMatchObject({ adjudicators: ['Ben Ott', 'Cem Aydin'], regressions: 3 });
});

test('the last verdict is taken back, again and again, until the adjudication has begun', async () => {
  const record = await judgeAll(['ben'], first);
  expect(takeBack(bed.services, record)).toEqual({ judged: 5, total: 6, next: 5 });
  expect(takeBack(bed.services, record)).toEqual({ judged: 4, total: 6, next: 4 });
  expect((await showCard(bed.services, record, 5)).verdict).toBeNull();
  await judgeAll(['ben'], first);
  await judgeAll(['cem'], second);
  await judgeAll(['dora'], () => 'both');
  expect(() => takeBack(bed.services, record)).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }));
});

test('a sitting needs the right password and ends by itself', async () => {
  await expect(sit(bed.services, sittings, { id, by: { user: 'ben', password: 'wrong password' } })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  let now = 0;
  const timed = openCourtSittings(() => now);
  const token = timed.begin({ docketId: id, role: 'judge', users: ['ben'] });
  now += 29 * 60_000;
  timed.of(token);
  now += 29 * 60_000;
  expect(timed.of(token).users).toEqual(['ben']);
  now += 31 * 60_000;
  expect(() => timed.of(token)).toThrow(expect.objectContaining({ code: 'UNAUTHENTICATED' }));
});

test('the audit trail binds the verdicts when a judge is through and tells them only at the end', async () => {
  await judgeAll(['ben'], first);
  const before = JSON.stringify([...bed.store.audit.all()].filter(({ action }) => action.startsWith('court.')));
  expect(before).toMatch(/"court\.judged".*verdictsSha256/s);
  expect(before).not.toMatch(/optimised|neither/);
  await judgeAll(['cem'], second);
  await judgeAll(['dora'], () => 'both');
  await closeDocket(bed.services, { id, by: who('ben') });
  expect([...bed.store.audit.all()].at(-1)).toMatchObject({ action: 'court.closed', actor: 'Ben Ott', detail: { repairs: 2, decisions: expect.arrayContaining([{ sample: 'row 2', verdicts: ['optimised', 'optimised'], outcome: 'optimised', adjudicated: false }]) } });
});

test('the report gets a revision that holds the verdicts and supersedes the one without', async () => {
  const base = sampleReceipt();
  const first_ = await bed.make({ ...base, id, compare: { ...base.compare!, flips } });
  expect(readFileSync(first_.paths.html, 'utf8')).toContain('Nobody has judged the changed decisions yet.');
  await judgeAll(['ben'], first);
  await judgeAll(['cem'], first);
  await expect(reportCourt(bed.services, { id, force: false }, context)).rejects.toMatchObject({ code: 'BUSY' });
  await closeDocket(bed.services, { id, by: who('ben') });
  const made = await reportCourt(bed.services, { id, force: false }, context);
  const html = readFileSync(made.zip.replace('evidence.zip', 'report.html'), 'utf8');
  expect(html).toContain('Repairs (only the optimised is right)');
  expect(html).toContain('2 (33.3');
  expect(html).not.toContain('Nobody has judged');
  expect(listEvidence(bed.services).map(({ state }) => state).sort()).toEqual(['draft', 'superseded']);
  expect((await showEvidence(bed.services, made.zip)).report).toMatchObject({ revision: 2 });
  expect(getDocket(bed.services, id).reportSha256).toBe(made.reportSha256);
});
