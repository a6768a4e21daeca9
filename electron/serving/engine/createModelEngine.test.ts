// How requests are dealt out: the order, the bound of the queue, clients that leave, batches, and the end. The thread is a real one that echoes.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createModelStatistics } from '../metrics/modelStatistics.ts';
import { createModelEngine, type EngineOptions, type ModelEngine } from './createModelEngine.ts';
import { nowNs } from './EngineMessages.ts';

const root = mkdtempSync(join(tmpdir(), 'millwright-engine-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
/** Speaks as an engine's thread does. It holds all messages back until one says "go"; "die" ends it. */
const entry = join(root, 'thread.cjs');
writeFileSync(entry, `
const { parentPort, workerData } = require('node:worker_threads');
const text = (body) => Buffer.from(body).toString();
parentPort.postMessage({ type: 'ready', signature: { inputs: [], outputs: [] }, labels: [], batching: { on: workerData.engine.maxBatch > 1, reason: '' }, loadMs: 1, warmUp: 'done' });
let held = [], going = false;
const answer = (jobs) => parentPort.postMessage({ type: 'answers', answers: jobs.map(({ id, body }, index) => ({ id, body: Buffer.from(text(body) + '/' + jobs.length), jsonBytes: null, rows: 1, batchRows: jobs.length, leadsBatch: index === 0, requestId: '', queueNs: 1, inputNs: 5e8, inferNs: 5e8, outputNs: 1 })), failures: [], spent: [] });
parentPort.on('message', (message) => {
  if (message.type === 'stop') return parentPort.close();
  if (message.jobs.some(({ body }) => text(body) === 'die')) process.exit(3);
  if (message.jobs.some(({ body }) => text(body) === 'go')) { going = true; for (const jobs of held) answer(jobs); held = []; }
  if (going) answer(message.jobs); else held.push(message.jobs);
});
`);
const engineOf = async (options: Partial<EngineOptions> = {}, onBroken: (reason: string) => void = () => {}) => {
  const statistics = createModelStatistics();
  return { statistics, engine: await createModelEngine({ name: 'm', version: '1', path: '', settings: {}, instances: 1, threads: 1, maxBatch: 1, maxDelayMs: 0, maxQueue: 100, warmUp: false, provider: 'cpu', ...options }, entry, statistics, onBroken) };
};
const ask = (engine: ModelEngine, text: string, signal?: AbortSignal) => engine.infer({ form: 'v2', body: Uint8Array.from(Buffer.from(text)), jsonBytes: 0, arrivedNs: nowNs(), ...(signal ? { signal: () => signal } : {}) }).then(({ body }) => Buffer.from(body).toString());

describe('createModelEngine', () => {
  it('answers each request with its own answer, and everything that waits before it closes', async () => {
    const { engine, statistics } = await engineOf();
    const answers = Promise.all(['a', 'go', ...Array.from({ length: 40 }, (_, index) => `r${index}`)].map((text) => ask(engine, text)));
    const closed = engine.close();
    await expect(ask(engine, 'late')).rejects.toMatchObject({ code: 'BUSY' });
    expect((await answers).map((text) => text.split('/')[0])).toEqual(['a', 'go', ...Array.from({ length: 40 }, (_, index) => `r${index}`)]);
    await closed;
    expect([statistics.success.count, statistics.failures.REJECTED]).toEqual([42, 1]);
  });
  it('refuses what its queue does not hold', async () => {
    const { engine, statistics } = await engineOf({ maxQueue: 2, maxBatch: 4 });
    const first = ask(engine, 'a'), waiting = [ask(engine, 'go'), ask(engine, 'c')];
    expect(engine.pending()).toEqual({ waiting: 2, running: 1 });
    await expect(ask(engine, 'd')).rejects.toMatchObject({ code: 'BUSY' });
    expect(statistics.failures.REJECTED).toBe(1);
    void first.catch(() => undefined);
    for (const one of waiting) void one.catch(() => undefined);
  });
  it('takes a request out of the queue when its client leaves', async () => {
    const { engine, statistics } = await engineOf({ maxBatch: 4 });
    void ask(engine, 'a').catch(() => undefined);
    const leaving = new AbortController();
    const left = ask(engine, 'b', leaving.signal);
    leaving.abort();
    await expect(left).rejects.toMatchObject({ code: 'CANCELLED' });
    expect([engine.pending().waiting, statistics.failures.CANCELED]).toEqual([0, 1]);
  });
  it('lets clients take turns, and the lower priority number go first', async () => {
    const { engine } = await engineOf();
    const answered: string[] = [];
    // Eight requests fill the thread; what waits then is dealt out as they are answered.
    const fill = Array.from({ length: 8 }, (_, index) => ask(engine, index === 7 ? 'go' : `f${index}`));
    const waits = ([['a', 'a1'], ['a', 'a2'], ['a', 'a3'], ['b', 'b1'], ['b', '{"parameters":{"priority":1},"inputs":["urgent"]}'], ['c', 'c1']] as const)
      .map(([client, text]) => engine.infer({ form: 'v2', body: Uint8Array.from(Buffer.from(text)), jsonBytes: text.length, arrivedNs: nowNs(), client: [client, ''] }).then(() => answered.push(text)));
    expect(engine.pending().waiting).toBeGreaterThan(5);
    await Promise.all([...fill, ...waits]);
    // the urgent one was a turn of b
    expect(answered).toEqual(['{"parameters":{"priority":1},"inputs":["urgent"]}', 'a1', 'c1', 'b1', 'a2', 'a3']);
    await engine.close();
  });
  it('gives a client that waits for its first answer room in a queue that another one fills', async () => {
    const { engine, statistics } = await engineOf({ maxQueue: 3, maxBatch: 4 });
    const from = (client: string, text: string) => engine.infer({ form: 'v2', body: Uint8Array.from(Buffer.from(text)), jsonBytes: 0, arrivedNs: nowNs(), client: [client, ''] });
    const flood = ['a', 'b', 'c', 'd', 'e'].map((text) => from('flood', text).then(() => 'answered', (error: { code: string }) => error.code));
    const other = from('other', 'go');
    expect(await flood[4]).toBe('BUSY');
    expect(await flood[3]).toBe('BUSY');
    expect([engine.pending().waiting, statistics.failures.REJECTED]).toEqual([3, 2]);
    void other.catch(() => undefined);
  });
  it('takes a request out of the queue when its timeout is over, and refuses one that is none', async () => {
    const { engine, statistics } = await engineOf({ maxBatch: 4 });
    void ask(engine, 'a').catch(() => undefined);
    const timed = (timeout: unknown) => { const text = JSON.stringify({ parameters: { timeout } }); return engine.infer({ form: 'v2', body: Uint8Array.from(Buffer.from(text)), jsonBytes: text.length, arrivedNs: nowNs() }); };
    await expect(timed(2000)).rejects.toMatchObject({ code: 'TIMEOUT' });
    await expect(timed(-1)).rejects.toMatchObject({ code: 'BAD_INPUT' });
    expect([engine.pending().waiting, statistics.failures]).toEqual([0, { REJECTED: 1, CANCELED: 0, BACKEND: 0, OTHER: 1 }]);
  });
  it('fills batches up to their size', async () => {
    const { engine } = await engineOf({ maxBatch: 4, maxDelayMs: 10_000 });
    expect(await Promise.all(['a', 'b', 'c', 'go'].map((text) => ask(engine, text)))).toEqual(['a/4', 'b/4', 'c/4', 'go/4']);
    await engine.close();
  });
  it('runs a part of a batch when its time is over', async () => {
    const { engine } = await engineOf({ maxBatch: 4, maxDelayMs: 5 });
    expect(await Promise.all(['a', 'go'].map((text) => ask(engine, text)))).toEqual(['a/2', 'go/2']);
    await engine.close();
  });
  it('says so when its thread ends, refuses what was in it, and still closes', async () => {
    const reasons: string[] = [];
    const { engine } = await engineOf({}, (reason) => reasons.push(reason));
    const asked = [ask(engine, 'a'), ask(engine, 'die')];
    for (const one of asked) await expect(one).rejects.toMatchObject({ code: 'WORKER_CRASHED' });
    expect(reasons).toHaveLength(1);
    await expect(ask(engine, 'b')).rejects.toMatchObject({ code: 'BUSY' });
    await engine.close();
  });
});
