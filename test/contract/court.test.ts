// People who judge, as scripts see it: `court` and `agreement` with their keys, exit codes, and what each refuses.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changedDecisions, judges, makeFlippedValidation, type FlippedValidation } from '#test/fakes/flippedValidation';
import { runCli } from './runCli.ts';

const root = mkdtempSync(join(tmpdir(), 'millwright-court-'));
const at = (name: string) => join(root, name);
let made: FlippedValidation;
beforeAll(async () => { made = await makeFlippedValidation({ dataDir: at('data'), folder: root }); });
afterAll(() => rmSync(root, { recursive: true, force: true }));

type Judge = (typeof judges)[keyof typeof judges];
const { admin, first, second, third } = judges;
/** Exit code and the JSON document; the people's passwords go to stdin, one a line. */
async function millwright(args: readonly string[], ...people: readonly Pick<Judge, 'password'>[]): Promise<{ readonly code: number | null; readonly value: unknown }> {
  const { code, stdout, stderr } = await runCli([...args, ...(people.length === 0 ? [] : ['--password-stdin']), '--json'], { dataDir: at('data'), ...(people.length === 0 ? {} : { input: `${people.map(({ password }) => password).join('\n')}\n` }) });
  expect(stdout, stderr).toMatch(/^[[{]/);
  return { code, value: JSON.parse(stdout) as unknown };
}
const done = (value: unknown) => ({ code: 0, value });
const failed = (code: number, name: string) => ({ code, value: { error: { code: name, message: expect.stringMatching(/^[A-Z"/-].*\.$/s), hint: expect.stringMatching(/./) } } });
const file = (name: string, content: unknown) => { writeFileSync(at(name), typeof content === 'string' ? content : JSON.stringify(content)); return at(name); };

describe('court', () => {
  let docket: string;
  const judge = (who: Judge, verdicts: unknown, ...more: string[]) => ['court', 'judge', docket, '--user', who.user, '--verdicts', file(`${who.user}.json`, verdicts), ...more];
  interface Card { readonly card: number; readonly picture: string; readonly a: string; readonly b: string }
  async function cardsOf(who: Judge): Promise<{ readonly role: string; readonly cards: readonly Card[] }> {
    const { code, value } = await millwright(['court', 'cards', docket, '--user', who.user, '-o', at(`cards-${who.user}`)], who);
    expect(code).toBe(0);
    return value as { role: string; cards: Card[] }; // held to its form below
  }
  /** Says "bright" is right, whether it is A or B. */
  const bright = ({ card, a }: Card) => ({ card, verdict: a === 'bright' ? 'a' : 'b' });

  it('list and show: the docket that the validation opened', async () => {
    const form = { id: made.validation.id, title: expect.any(String), source: 'validation', createdAt: expect.any(String), state: 'judging', flips: changedDecisions, judges: [], disputed: null, adjudicated: 0, adjudicators: [], result: null, reportSha256: null };
    const listed = await millwright(['court', 'list']);
    expect(listed).toEqual(done([form]));
    docket = made.validation.id;
    expect(await millwright(['court', 'show', docket])).toEqual(done(form));
    expect(await millwright(['court', 'open', '--validation', docket])).toEqual(done(form)); // it is open already
  });

  it('refuses an unknown docket, validation and job, each as not found', async () => {
    for (const args of [['court', 'show', 'none'], ['court', 'report', 'none'], ['court', 'open', '--validation', 'none'], ['court', 'open', '--job', 'none']]) expect([args, await millwright(args)]).toMatchObject([args, failed(2, 'NOT_FOUND')]);
    expect(await millwright(['court', 'close', 'none', '--user', first.user], first)).toMatchObject(failed(2, 'NOT_FOUND'));
    expect(await millwright(['court', 'open'])).toMatchObject(failed(2, 'BAD_USAGE'));
    expect(await millwright(['court', 'open', '--job', 'a', '--validation', 'b'])).toMatchObject(failed(2, 'BAD_USAGE'));
  });

  it('refuses a wrong password, a stranger, and a file that holds no verdicts', async () => {
    expect(await millwright(judge(first, [{ card: 1, verdict: 'a' }]), second)).toMatchObject(failed(3, 'UNAUTHENTICATED'));
    expect(await millwright(['court', 'cards', docket, '--user', 'nobody', '-o', at('stranger')], first)).toMatchObject(failed(3, 'UNAUTHENTICATED'));
    for (const verdicts of ['no JSON', {}, [{ card: 1, verdict: 'guilty' }], [{ card: 0, verdict: 'a' }]]) expect([verdicts, await millwright(judge(first, verdicts), first)]).toMatchObject([verdicts, failed(2, 'BAD_INPUT')]);
    expect(await millwright(['court', 'judge', docket, '--user', first.user, '--verdicts', at('absent.json')], first)).toMatchObject(failed(2, 'NOT_FOUND'));
    expect(await millwright(judge(first, [{ card: changedDecisions + 1, verdict: 'a' }]), first)).toMatchObject(failed(2, 'BAD_INPUT'));
    expect(await millwright(['court', 'show', docket])).toMatchObject({ value: { judges: [{ user: 'ben', printedName: 'Ben Ott', judged: 0 }] } }); // who proved the password sat down
  });

  it('cards: pictures and answers in the order of the person, never the sample, its label or a model', async () => {
    const { role, cards } = await cardsOf(first);
    expect(role).toBe('judge');
    expect(cards).toEqual(Array.from({ length: changedDecisions }, (_, place) => ({ card: place + 1, picture: `card-000${place + 1}.png`, row: null, a: expect.stringMatching(/^(bright|dark)$/), b: expect.stringMatching(/^(bright|dark)$/), verdict: null })));
    expect(readdirSync(at('cards-ben')).sort()).toEqual([...cards.map(({ picture }) => picture), 'cards.json'].sort());
    expect(readFileSync(at('cards-ben/cards.json'), 'utf8')).not.toMatch(/lid-|lids|original|optimised/);
    expect(await millwright(['court', 'cards', docket, '--user', first.user, '-o', at('cards-ben')], first)).toMatchObject(failed(2, 'ALREADY_EXISTS'));
  });

  it('judge and undo: one judge after the other, and nobody a second time in another seat', async () => {
    const cards = JSON.parse(readFileSync(at('cards-ben/cards.json'), 'utf8')) as Card[]; // as the test before found it
    expect(await millwright(judge(first, cards.map(bright)), first)).toEqual(done({ role: 'judge', names: ['Ben Ott'], judged: changedDecisions, total: changedDecisions }));
    expect(await millwright(['court', 'undo', docket, '--user', first.user], first)).toEqual(done({ judged: changedDecisions - 1, total: changedDecisions, card: changedDecisions }));
    expect(await millwright(judge(first, cards.slice(-1).map(bright)), first)).toMatchObject(done({ judged: changedDecisions }));
    expect(await millwright(['court', 'close', docket, '--user', first.user], first)).toMatchObject(failed(3, 'BUSY'));
    // Judging again is the same seat: it makes no second judge.
    expect(await millwright(judge(first, cards.map(bright)), first)).toMatchObject(done({ role: 'judge', judged: changedDecisions }));
    expect(await millwright(['court', 'show', docket])).toMatchObject(done({ state: 'judging', judges: [{ user: 'ben' }], result: null }));
    const theirs = await cardsOf(second);
    expect(await millwright(judge(second, theirs.cards.map((card, place) => (place === 0 ? { card: card.card, verdict: 'neither' } : bright(card)))), second)).toMatchObject(done({ role: 'judge', names: ['Cem Aydin'] }));
    expect(await millwright(['court', 'show', docket])).toMatchObject(done({ state: 'disputed', disputed: 1, result: null }));
    expect(await millwright(['court', 'close', docket, '--user', second.user], second)).toMatchObject(failed(3, 'BUSY'));
    expect(await millwright([...judge(first, [{ card: 1, verdict: 'a' }]), '--with', first.user], first, first)).toMatchObject(failed(3, 'FORBIDDEN'));
    expect(await millwright([...judge(first, [{ card: 1, verdict: 'a' }]), '--with', third.user], first, third)).toMatchObject(failed(3, 'FORBIDDEN'));
  });

  it('close: after the adjudication the counts and kappa are known, and final', async () => {
    expect(await millwright(judge(third, [{ card: 1, verdict: 'both' }]), third)).toEqual(done({ role: 'adjudicator', names: ['Dora Weiss'], judged: 1, total: 1 }));
    expect(await millwright(['court', 'report', docket])).toMatchObject(failed(3, 'BUSY'));
    const closed = await millwright(['court', 'close', docket, '--user', first.user], first);
    expect(closed).toMatchObject(done({ state: 'closed', result: { flips: 6, harmless: 1, bothWrong: 0, undecided: 0, agreed: 5, adjudicated: 1, judges: ['Ben Ott', 'Cem Aydin'], adjudicators: ['Dora Weiss'], closedBy: 'Ben Ott', decisions: { length: 6 } } }));
    const { kappa, repairs, regressions } = (closed.value as { result: { kappa: number; repairs: number; regressions: number } }).result;
    // 5 of 6 agree; the first said 3 original and 3 optimised, the second one of them less: chance (3 * 2 + 3 * 3) / 36.
    expect(kappa).toBeCloseTo((5 / 6 - 15 / 36) / (1 - 15 / 36), 12);
    expect(repairs + regressions).toBe(5);
    expect(await millwright(judge(second, [{ card: 1, verdict: 'a' }]), second)).toMatchObject(failed(3, 'FORBIDDEN'));
    expect(await millwright(['court', 'close', docket, '--user', third.user], third)).toEqual(closed); // once more changes nothing
  });

  it('report: the next revision, which verifies', async () => {
    const made = await millwright(['court', 'report', docket, '-o', at('revised')]);
    expect(made).toEqual(done({ evidenceId: expect.any(String), reportSha256: expect.stringMatching(/^[0-9a-f]{64}$/), zip: at('revised/evidence.zip') }));
    expect(await millwright(['evidence', 'show', at('revised/evidence.zip')])).toMatchObject(done({ verification: { valid: true }, report: { revision: 2 } }));
    expect(readFileSync(at('revised/report.html'), 'utf8')).toMatch(/kappa[^]*0\.71/);
    expect(await millwright(['court', 'report', docket, '-o', at('revised')])).toMatchObject(failed(2, 'ALREADY_EXISTS'));
  });
});

describe('agreement', () => {
  let study: string;
  const create = (...more: string[]) => ['agreement', 'create', 'Lids, early shift', '--data', made.data, ...more];
  const rate = (rater: string, answers: unknown, ...more: string[]) => ['agreement', 'rate', study, '--rater', rater, '--answers', file('answers.json', answers), ...more];

  it('create: refuses too few people, one twice, and more samples than there are', async () => {
    expect(await millwright(['agreement', 'list'])).toEqual(done([]));
    expect(await millwright(create('--samples', '4'))).toMatchObject(failed(2, 'BAD_USAGE'));
    expect(await millwright(create('--samples', '4', '--rater', 'Ole Berg'))).toMatchObject(failed(2, 'BAD_INPUT'));
    expect(await millwright(create('--samples', '4', '--rater', 'Ole Berg', '--rater', ' ole  berg'))).toMatchObject(failed(2, 'BAD_INPUT'));
    expect(await millwright(create('--samples', '4', '--rater', 'cem', '--rater', 'Cem Aydin'))).toMatchObject(failed(2, 'BAD_INPUT')); // user and printed name
    expect(await millwright(create('--samples', '13', '--rater', 'cem', '--rater', 'Ole Berg'))).toMatchObject(failed(2, 'BAD_INPUT'));
    expect(await millwright(create('--samples', '4', '--repeats', '5', '--rater', 'cem', '--rater', 'Ole Berg'))).toMatchObject(failed(2, 'BAD_INPUT'));
    expect(await millwright(create('--samples', 'four', '--rater', 'cem', '--rater', 'Ole Berg'))).toMatchObject(failed(2, 'BAD_USAGE'));
  });

  it('create, list and show: the same form', async () => {
    const drawn = await millwright(create('--samples', '4', '--repeats', '1', '--seed', '7', '--rater', 'cem', '--rater', 'Ole Berg'));
    expect(drawn).toEqual(done({
      id: expect.any(String), title: 'Lids, early shift', createdAt: expect.any(String), data: { path: made.data }, seed: 7, samples: 4, repeats: 1, classes: ['bright', 'dark'],
      raters: [{ name: 'Cem Aydin', answered: 0, total: 5 }, { name: 'Ole Berg', answered: 0, total: 5 }], result: null, closedAt: null,
    }));
    study = (drawn.value as { readonly id: string }).id;
    expect(await millwright(['agreement', 'show', study])).toEqual(drawn);
    expect(await millwright(['agreement', 'list'])).toEqual(done([drawn.value]));
    for (const args of [['agreement', 'show', 'none'], ['agreement', 'close', 'none'], ['agreement', 'report', 'none', '--validation', made.validation.id]]) expect([args, await millwright(args)]).toMatchObject([args, failed(2, 'NOT_FOUND')]);
  });

  it('rate: a user proves who it is, another gives a name, and only the classes are answers', async () => {
    const answers = ['bright', 'bright', 'dark', 'dark', 'bright'].map((answer, place) => ({ card: place + 1, answer }));
    expect(await millwright(rate('Cem Aydin', answers))).toMatchObject(failed(3, 'UNAUTHENTICATED'));
    expect(await millwright(rate('Cem Aydin', answers, '--user', admin.user), admin)).toMatchObject(failed(3, 'FORBIDDEN'));
    expect(await millwright(rate('Eva Lang', answers))).toMatchObject(failed(2, 'NOT_FOUND'));
    expect(await millwright(rate('Ole Berg', [{ card: 1, answer: 'grey' }]))).toMatchObject(failed(2, 'BAD_INPUT'));
    expect(await millwright(rate('Ole Berg', [{ card: 6, answer: 'dark' }]))).toMatchObject(failed(2, 'BAD_INPUT'));
    expect(await millwright(rate('Ole Berg', 'no JSON'))).toMatchObject(failed(2, 'BAD_INPUT'));
    expect(await millwright(rate('Cem Aydin', answers, '--user', second.user), second)).toEqual(done({ answered: 5, total: 5 }));
    expect(await millwright(['agreement', 'close', study])).toMatchObject(failed(3, 'BUSY'));
    expect(await millwright(rate('Ole Berg', answers))).toEqual(done({ answered: 5, total: 5 }));
  });

  it('close and report: kappa with its interval, and the next revision', async () => {
    expect(await millwright(['agreement', 'report', study, '--validation', made.validation.id])).toMatchObject(failed(3, 'BUSY'));
    const closed = await millwright(['agreement', 'close', study]);
    const pair = { share: expect.any(Number), samples: expect.any(Number) };
    expect(closed).toMatchObject(done({ closedAt: expect.any(String), result: { method: 'Cohen', samples: 4, raters: [{ name: 'Cem Aydin', authenticated: true, self: { ...pair, samples: 1 }, reference: { ...pair, samples: 4 } }, { name: 'Ole Berg', authenticated: false }], disputed: expect.any(Array) } }));
    expect(await millwright(rate('Ole Berg', []))).toMatchObject(failed(3, 'FORBIDDEN'));
    expect(await millwright(['agreement', 'report', study, '--validation', 'none'])).toMatchObject(failed(2, 'NOT_FOUND'));
    expect(await millwright(['agreement', 'report', study, '--validation', made.validation.id, '-o', at('agreed')])).toEqual(done({ evidenceId: expect.any(String), reportSha256: expect.any(String), zip: at('agreed/evidence.zip') }));
    expect(readFileSync(at('agreed/report.html'), 'utf8')).toContain('Lids, early shift');
  });
});
