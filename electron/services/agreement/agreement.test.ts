// An agreement study from the draw to the report: seeded, blind, repeated, and only people answer for themselves.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openEvidenceBed, type EvidenceBed } from '#test/golden/report/evidenceBed';
import { hashPassword, strengthForRandom } from '../people/passwordHash.ts';
import { userRecords } from '../people/userRecords.ts';
import { closeStudy, reportStudy } from './closeStudy.ts';
import { createStudy } from './createStudy.ts';
import { beginRating, giveAnswer, openRatingSeats, showSample, takeBackAnswer, type RatingSeats } from './rate.ts';
import { getStudy, shownStudy } from './studyRecords.ts';

let bed: EvidenceBed, seats: RatingSeats;
const data = () => ({ path: join(bed.dir, 'set', 'set.csv') });
const draw = (more: Partial<Parameters<typeof createStudy>[1]> = {}) => createStudy(bed.services, { title: 'Lids', data: data(), samples: 8, seed: 7, repeats: 3, raters: ['Ben Ott', 'Cem'], ...more });
beforeEach(() => {
  bed = openEvidenceBed();
  seats = openRatingSeats(bed.services.clock);
  mkdirSync(join(bed.dir, 'set'));
  writeFileSync(data().path, `torque,label\n${Array.from({ length: 30 }, (_, at) => `${at + 0.5},${at % 3 === 0 ? 'bad' : 'good'}`).join('\n')}\n`);
});
afterEach(() => bed.close());
/** Answers everything by the torque that is shown. */
async function rateAll(id: string, name: string, answer: (torque: number, position: number) => string) {
  const { sitting, total } = await beginRating(bed.services, seats, { id, name });
  for (let position = 0; position < total; position++) {
    const { input } = await showSample(bed.services, seats, sitting, position);
    giveAnswer(bed.services, seats, sitting, position, answer(input.kind === 'row' ? Number(input.values[0]?.value) : 0, position));
  }
  return sitting;
}
const truth = (torque: number) => (Math.floor(torque) % 3 === 0 ? 'bad' : 'good');

test('one seed draws the same samples and orders, another draws others, and each person has an order of their own', async () => {
  const [one, two, other] = [await draw(), await draw(), await draw({ seed: 8 })].map(({ id }) => getStudy(bed.services, id));
  expect(two?.chosen).toEqual(one?.chosen);
  expect(two?.raters).toEqual(one?.raters);
  expect(other?.chosen).not.toEqual(one?.chosen);
  expect(one?.raters[0]?.order).not.toEqual(one?.raters[1]?.order);
  expect(one?.raters[0]?.order).toHaveLength(11);
});

test('the result tells agreement among people, with themselves, with the labels, and the disputed samples', async () => {
  const { id } = await draw();
  await rateAll(id, 'Ben Ott', truth);
  expect(() => closeStudy(bed.services, id)).toThrow(expect.objectContaining({ code: 'BUSY' }));
  const odd = getStudy(bed.services, id).chosen[2]!;
  const sitting = await rateAll(id, 'Cem', (torque, position) => (`row ${Math.floor(torque) + 2}` === odd.sample && position < 8 ? (odd.label === 'good' ? 'bad' : 'good') : truth(torque)));
  const { result } = closeStudy(bed.services, id);
  expect(result).toMatchObject({ method: 'Cohen', samples: 8, disputed: [{ sample: odd.sample, label: odd.label }] });
  expect(result?.raters[0]).toMatchObject({ name: 'Ben Ott', authenticated: false, self: { share: 1, samples: 3 }, reference: { share: 1, samples: 8, kappa: 1 } });
  expect(result?.raters[1]?.reference?.share).toBeCloseTo(7 / 8, 12);
  expect(result?.kappa).toBeLessThan(1);
  expect(() => giveAnswer(bed.services, seats, sitting, 0, 'good')).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }));
  expect([...bed.store.audit.all()].at(-1)).toMatchObject({ action: 'agreement.closed', detail: { seed: 7, disputed: 1 } });
});

test('an answer is taken back, goes on after a break, and has to be one of the classes', async () => {
  const { id } = await draw();
  const { sitting } = await beginRating(bed.services, seats, { id, name: 'cem' });
  expect(giveAnswer(bed.services, seats, sitting, 0, 'bad')).toEqual({ answered: 1, total: 11, next: 1 });
  expect(() => giveAnswer(bed.services, seats, sitting, 1, 'ugly')).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
  giveAnswer(bed.services, seats, sitting, 1, 'good');
  expect(takeBackAnswer(bed.services, seats, sitting)).toEqual({ answered: 1, total: 11, next: 1 });
  expect(await beginRating(bed.services, seats, { id, name: 'Cem' })).toMatchObject({ answered: 1, next: 1, classes: ['bad', 'good'] });
  expect(JSON.stringify(await showSample(bed.services, seats, sitting, 1))).not.toMatch(/good|bad|row \d/);
  bed.now += 31 * 60_000;
  await expect(showSample(bed.services, seats, sitting, 1)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});

test('who is a user answers with the password, and nobody for another', async () => {
  const password = 'copper lantern forty';
  const passwordHash = await hashPassword(password, strengthForRandom);
  for (const [user, printedName] of [['ben', 'Ben Ott'], ['eva', 'Eva Lang']] as const) userRecords(bed.services).put({ id: user, user, printedName, role: 'Operator', createdAt: '', passwordChangedAt: '', passwordSetBy: 'self', disabledAt: null, lockedUntil: null, passwordHash, failedTries: 0 });
  await expect(draw({ raters: ['ben', 'Ben Ott'] })).rejects.toMatchObject({ code: 'BAD_INPUT' });
  const { id } = await draw();
  await expect(beginRating(bed.services, seats, { id, name: 'Ben Ott' })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  await expect(beginRating(bed.services, seats, { id, name: 'Ben Ott', by: { user: 'eva', password } })).rejects.toMatchObject({ code: 'FORBIDDEN' });
  await expect(beginRating(bed.services, seats, { id, name: 'Ben Ott', by: { user: 'ben', password } })).resolves.toMatchObject({ total: 11 });
  await expect(beginRating(bed.services, seats, { id, name: 'Dora' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('three people are measured by Fleiss, and the report holds the study', async () => {
  const first = await bed.make();
  expect(readFileSync(first.paths.html, 'utf8')).toContain('No operator agreement study was made.');
  const { id } = await draw({ raters: ['Ben Ott', 'Cem', 'Dora'] });
  for (const name of ['Ben Ott', 'Cem', 'Dora']) await rateAll(id, name, (torque) => (name === 'Dora' && torque > 20 ? 'bad' : truth(torque)));
  closeStudy(bed.services, id);
  expect(shownStudy(getStudy(bed.services, id)).result?.method).toBe('Fleiss');
  const made = await reportStudy(bed.services, { id, validationId: 'validation-0007', force: false }, { signal: new AbortController().signal, progress: () => undefined, log: () => undefined });
  const html = readFileSync(made.zip.replace('evidence.zip', 'report.html'), 'utf8');
  expect(html).toMatch(/Fleiss(&#39;|&#x27;|')s kappa/);
  expect(html).not.toContain('No operator agreement study was made.');
});
