import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Call } from '#shared/contract/index';
import type { JobRecord } from '#shared/contract/jobs';
import { createJobStore, mergeJob, restOfStageMs, withStage, type StageSeen } from './jobStore.ts';
import { errorOfJob, jobToFollow } from './useJob.ts';

const record = (change: Partial<JobRecord> = {}): JobRecord => ({ id: 'a', op: 'models.import', title: 'Import a model', subject: 'x', lane: 'light', state: 'running', input: {}, error: null, progress: null, attempt: 1, resumable: true, createdAt: '2026-11-25T09:00:00.000Z', startedAt: null, endedAt: null, ...change });
const at = (stage: string, state: JobRecord['state'] = 'running') => record({ state, progress: { stage, done: 0, total: 0 } });

/** A host by hand: what it lists, and a way to report a job. */
function host(listed: readonly JobRecord[]) {
  let report: (job: JobRecord) => void = () => undefined;
  const call = ((op: string, _input: unknown, options?: { onEvent?: (job: JobRecord) => void }) => {
    if (op === 'jobs.list') return Promise.resolve(listed);
    report = (job) => options?.onEvent?.(job);
    return new Promise(() => undefined);
  }) as unknown as Call; // only the two operations that the store calls
  return { call, report: (job: JobRecord) => report(job) };
}

it('lists each job once, newest first, whatever the order of reports', () => {
  const ids = fc.array(fc.record({ id: fc.integer({ min: 0, max: 9 }), done: fc.boolean() }), { maxLength: 40 });
  fc.assert(fc.property(ids, (reports) => {
    const jobs = reports.reduce<readonly JobRecord[]>((list, { id, done }) => mergeJob(list, record({ id: String(id), state: done ? 'done' : 'running', createdAt: `2026-11-25T09:00:0${id}.000Z` })), []);
    expect(jobs.map((job) => job.id)).toEqual(Array.from(new Set(reports.map(({ id }) => String(id)))).sort().reverse());
    for (const job of jobs) expect(job.state === 'done').toBe(reports.filter(({ id }) => String(id) === job.id).at(-1)?.done);
  }));
});

it('shows what the host listed and what it reports afterwards', async () => {
  const { call, report } = host([record({ id: 'old', createdAt: '2026-11-25T08:00:00.000Z' })]);
  const store = createJobStore(call);
  let drawn = 0;
  store.subscribe(() => { drawn += 1; });
  store.follow();
  report(record({ id: 'new' }));
  await Promise.resolve();
  expect(store.jobs().map((job) => job.id)).toEqual(['new', 'old']);
  report(record({ id: 'old', createdAt: '2026-11-25T08:00:00.000Z', state: 'done' }));
  expect(store.jobs().map((job) => job.state)).toEqual(['running', 'done']);
  expect(drawn).toBe(3);
});

it('remembers the stages of a running job with their times, and forgets them when it ends', () => {
  const { call, report } = host([]);
  let nowMs = 0;
  const store = createJobStore(call, () => nowMs);
  store.follow();
  for (const [ms, stage] of [[0, 'Preparing'], [400, 'Calibrating'], [900, 'Calibrating'], [3500, 'Measuring']] as const) { nowMs = ms; report(at(stage)); }
  expect(store.stagesOf('a').map(({ stage, atMs }) => ({ stage, atMs }))).toEqual([{ stage: 'Preparing', atMs: 0 }, { stage: 'Calibrating', atMs: 400 }, { stage: 'Measuring', atMs: 3500 }]);
  expect(store.stagesOf('a')).toBe(store.stagesOf('a'));
  report(at('Storing', 'done'));
  expect(store.stagesOf('a')).toEqual([]);
});
const seenAs = (reports: readonly (readonly [nowMs: number, done: number, total: number, stage?: string])[]) => reports.reduce<readonly StageSeen[]>((seen, [nowMs, done, total, stage = 'Calibrating']) => withStage(seen, record({ progress: { stage, done, total } }), nowMs), []);
const rest = (reports: Parameters<typeof seenAs>[0], nowMs: number) => { const last = seenAs(reports).at(-1); return last ? restOfStageMs(last.pace, nowMs) : null; };
it('tells the rest of a stage at its own pace, whatever the stages before it took', () => {
  expect(rest([[0, 0, 0, 'Preparing'], [60_000, 0, 100], [70_000, 25, 100]], 70_000)).toBe(30_000);
  expect(rest([[60_000, 2, 100], [70_000, 52, 100]], 70_000)).toBe(9600);
});
it('tells nothing of a stage that was not seen from near its start, that has no known end, has hardly begun, or is over', () => {
  expect(rest([[0, 40, 100], [10_000, 60, 100]], 10_000)).toBeNull(); // the page was opened in the middle
  expect(rest([[0, 0, 0], [10_000, 7, 0]], 10_000)).toBeNull();
  expect(rest([[0, 0, 100], [10_000, 2, 100]], 10_000)).toBeNull();
  expect(rest([[0, 0, 100], [500, 50, 100]], 500)).toBeNull();
  expect(rest([[0, 0, 100], [10_000, 100, 100]], 10_000)).toBeNull();
});
it('begins the pace anew where a stage counts from the start again, and keeps when it was first seen', () => {
  const reports = [[0, 0, 10], [9000, 10, 10], [10_000, 0, 100], [20_000, 50, 100]] as const;
  expect(rest(reports, 20_000)).toBe(10_000);
  expect(seenAs(reports)).toMatchObject([{ stage: 'Calibrating', atMs: 0 }]);
});
it('takes no stage from a job that waits', () => expect(withStage([], at('Waiting', 'queued'), 0)).toEqual([]));

it('shows why a job failed, with the remedy, and nothing for one that a person cancelled', () => {
  const error = { code: 'DISK_FULL', message: 'There is no room.', hint: 'Free space.' };
  expect(errorOfJob(record({ state: 'failed', error }))).toMatchObject({ code: 'DISK_FULL', message: 'There is no room.', hint: 'Free space.' });
  expect(errorOfJob(record({ state: 'failed', error: { ...error, code: 'FROM_A_NEWER_VERSION' } }))).toMatchObject({ code: 'INTERNAL', message: 'There is no room.' });
  expect(errorOfJob(record({ state: 'cancelled', error }))).toBeNull();
  expect(errorOfJob(null)).toBeNull();
});

it('follows the job started at a place only while the place is about the same thing', () => {
  const [a, b] = [record({ id: 'of-a', op: 'models.quantize', input: 'model-a' }), record({ id: 'of-b', op: 'models.quantize', input: 'model-b' })];
  const started = { id: 'of-a', scope: 'model-a' };
  const about = (model: string) => jobToFollow([b, a], 'models.quantize', started, model, (job) => job.input === model)?.id ?? null;
  expect(about('model-a')).toBe('of-a');
  expect(about('model-b')).toBe('of-b');
  expect(about('model-c')).toBeNull();
  expect(jobToFollow([record({ id: 'of-a' })], 'models.quantize', null, '')).toBeNull();
});
