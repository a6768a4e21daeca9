// One suite over the three ways to reach a host: in process, by MessagePort, and by WebSocket through the browser shell.
import { MessageChannel } from 'node:worker_threads';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Call } from '#shared/contract/index';
import type { JobRecord } from '#shared/contract/jobs';
import { connectChannel, type Channel, type Frame } from '#shared/rpc';
import type { Host } from '#host/createHost';
import { messagePortChannel } from '#host/connections/messagePortChannel';
import { pairedChannels } from '#host/connections/pairedChannels';
import { frameBytesMax, webSocketChannel } from '#host/connections/webSocketChannel';
import { serveConsole } from '#host/http/serveConsole';
import { enterConsole } from '#test/fakes/browser';
import { fakeStation } from '#test/fakes/stationRecord';
import { openTestHost, until, type TestHost } from '#test/fakes/testHost';
import type { Handlers } from '#host/handlers/Handlers';

interface Connected { readonly channel: Channel; readonly call: Call; /** Ends the connection as a crash of the page would. */ drop(): void }
type Connect = (host: Host, cleanUp: (work: () => unknown) => void) => Promise<Connected>;

const connected = (channel: Channel, drop: () => void): Connected => ({ channel, call: connectChannel(channel) as Call, drop }); // the host checks both directions

const ways: Readonly<Record<string, Connect>> = {
  'in process': async (host) => {
    const [near, far] = pairedChannels();
    host.connect(far);
    return connected(near, () => near.close());
  },
  MessagePort: async (host, cleanUp) => {
    const { port1, port2 } = new MessageChannel();
    host.connect(messagePortChannel(port2));
    cleanUp(() => port1.close());
    return connected(messagePortChannel(port1), () => port1.close());
  },
  WebSocket: async (host, cleanUp) => {
    const pageDir = mkdtempSync(join(tmpdir(), 'millwright-page-'));
    mkdirSync(pageDir, { recursive: true });
    writeFileSync(join(pageDir, 'index.html'), 'page');
    const served = await serveConsole({ host, pageDir, port: 0 });
    cleanUp(() => served.close());
    const { cookie, origin } = await enterConsole(served.address);
    const socket = new WebSocket(`ws://127.0.0.1:${served.port}/rpc`, { headers: { cookie, origin } });
    await new Promise((resolve, reject) => { socket.once('open', resolve); socket.once('error', reject); });
    return connected(webSocketChannel(socket), () => socket.terminate());
  },
};

const cleanUps: Array<() => unknown> = [];
afterEach(async () => { for (const work of cleanUps.splice(0).reverse()) await work(); });

async function open(way: Connect, handlers: Partial<Handlers> = {}): Promise<Connected & { test: TestHost }> {
  const test = openTestHost({ handlers: () => handlers });
  cleanUps.push(() => test.close());
  return { test, ...await way(test.host, (work) => cleanUps.push(work)) };
}

const untilAbort = (signal: AbortSignal) => new Promise<void>((resolve) => { signal.addEventListener('abort', () => resolve(), { once: true }); });

describe.each(Object.entries(ways))('over %s', (_name, way) => {
  it('answers a call with what the contract says', async () => {
    const { call } = await open(way);
    await expect(call('app.saveSettings', { site: 'Plant 4' })).resolves.toEqual({ site: 'Plant 4', userName: '', theme: 'system', engineHost: '', engineCerts: '' });
    await expect(call('app.settings', {})).resolves.toMatchObject({ site: 'Plant 4' });
  });

  it('answers many calls at once, each to its caller', async () => {
    const { call } = await open(way, { 'stations.get': async ({ id }) => { await new Promise((resolve) => { setTimeout(resolve, id.length % 3); }); return fakeStation({ id }); } });
    const ids = Array.from({ length: 200 }, (_, index) => 'x'.repeat(index % 7) + index);
    const records = await Promise.all(ids.map((id) => call('stations.get', { id })));
    expect(records.map((record) => record.id)).toEqual(ids);
  });

  it('brings events in order and none after the end', async () => {
    const { call } = await open(way, { 'app.changes': async (_input, { emit }) => { for (let n = 0; n < 5000; n++) emit({ noun: 'models', id: String(n) }); } });
    const ids: string[] = [];
    await call('app.changes', {}, { onEvent: ({ id }) => ids.push(id ?? '') });
    expect(ids).toEqual(Array.from({ length: 5000 }, (_, n) => String(n)));
  });

  it('says which value does not fit, and where', async () => {
    const { call } = await open(way);
    await expect(call('jobs.list', { limit: 5000 })).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('limit') });
    await expect(call('models.quantize', { model: { path: '' } })).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('model.path') });
  });

  it('carries code, sentence and hint of an error, and hides what is unexpected', async () => {
    const { call, test } = await open(way, { 'stations.get': async () => { throw new Error('secret detail'); } });
    await expect(call('jobs.show', { id: 'nothing' })).rejects.toMatchObject({ name: 'AppError', code: 'NOT_FOUND', message: 'There is no job nothing.', hint: expect.stringContaining('jobs list') });
    await expect(call('stations.get', { id: '1' })).rejects.toMatchObject({ code: 'INTERNAL', message: expect.not.stringContaining('secret') });
    expect(test.log.lines.join('\n')).toContain('secret detail');
  });

  it('refuses an operation that is not in the contract, also one that every object has', async () => {
    const { channel } = await open(way);
    const call = connectChannel(channel);
    for (const op of ['models.explode', 'constructor', '__proto__', 'toString', '']) await expect(call(op, {})).rejects.toMatchObject({ code: 'BAD_USAGE' });
  });

  it('does not pass on an answer that breaks the contract', async () => {
    const { call } = await open(way, { 'stations.get': async () => ({ ...fakeStation(), verdict: 'GREAT' }) as never });
    await expect(call('stations.get', { id: '1' })).rejects.toMatchObject({ code: 'INTERNAL', message: expect.stringContaining('verdict') });
  });

  it('aborts the handler when the caller cancels, and rejects at once', async () => {
    let aborted = false;
    const { call } = await open(way, { 'stations.get': async (_input, { signal }) => { await untilAbort(signal); aborted = true; return fakeStation(); } });
    const stop = new AbortController();
    const answer = call('stations.get', { id: '1' }, { signal: stop.signal });
    await call('app.settings', {});
    stop.abort();
    await expect(answer).rejects.toMatchObject({ code: 'CANCELLED' });
    await until(() => aborted, 'the handler was aborted');
  });

  it('refuses a call that is cancelled before it is made', async () => {
    const { call } = await open(way);
    await expect(call('app.settings', {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('lives on after frames that are none', async () => {
    const { call, channel } = await open(way);
    for (const junk of [null, 5, 'text', [], {}, { t: 'call' }, { t: 'call', id: 'x', op: 'app.info' }, { t: 'call', id: 1.5, op: 'app.info' }, { t: 'nonsense', id: 3 }, { t: 'cancel', id: 99 }, { t: 'event', id: 1, event: 1 }, { t: 'done', id: 1 }]) {
      channel.send(junk as unknown as Frame);
    }
    await expect(call('app.settings', {})).resolves.toMatchObject({ theme: 'system' });
  });

  it('refuses a second call under a number that is in use', async () => {
    const { channel } = await open(way, { 'stations.get': async (_input, { signal }) => { await untilAbort(signal); return fakeStation(); } });
    const failures: Frame[] = [];
    channel.onFrame((frame) => { if (frame.t === 'fail') failures.push(frame); });
    channel.send({ t: 'call', id: 7000, op: 'stations.get', input: { id: '1' } });
    channel.send({ t: 'call', id: 7000, op: 'stations.get', input: { id: '1' } });
    await until(() => failures.length > 0, 'a refusal');
    expect(failures).toMatchObject([{ id: 7000, error: { code: 'BUSY' } }]);
  });

  it('aborts streams and calls of a dropped connection, but not its jobs', async () => {
    let streamEnded = false;
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => { finish = resolve; });
    const { call, drop, test } = await open(way, {
      'app.changes': async (_input, { signal, emit }) => { emit({ noun: 'models', id: null }); await untilAbort(signal); streamEnded = true; },
      'stations.openSample': { subject: () => 'sample', run: async () => { await finished; return fakeStation(); } },
    });
    const { jobId } = await call('stations.openSample', {});
    const streamed = new Promise((resolve) => { call('app.changes', {}, { onEvent: resolve }).catch(() => undefined); });
    await streamed;
    const pending = call('app.changes', {}).catch((error: unknown) => error);
    drop();
    await expect(pending).resolves.toMatchObject({ code: 'CONNECTION_LOST' });
    await until(() => streamEnded, 'the stream was aborted');
    finish();
    await until(() => test.host.jobs.get(jobId).state === 'done', 'the job went on to its end');
    await expect(call('app.settings', {})).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  });

  it('tells the life of a job from queued to done, its present state first', async () => {
    const { call } = await open(way, { 'stations.openSample': { subject: () => 'sample', run: async (_input, job) => { job.progress({ stage: 'Copying', done: 1, total: 2 }); job.log('half'); return fakeStation({ id: 'made' }); } } });
    const { jobId } = await call('stations.openSample', {});
    const seen: JobRecord[] = [];
    const stop = new AbortController();
    await call('jobs.watch', { id: jobId }, { signal: stop.signal, onEvent: (record) => { seen.push(record); if (record.state === 'done') stop.abort(); } }).catch(() => undefined);
    expect(seen.at(-1)).toMatchObject({ state: 'done', output: { id: 'made' }, progress: { stage: 'Copying', done: 1, total: 2 } });
    await expect(call('jobs.show', { id: jobId })).resolves.toMatchObject({ log: [{ line: 'half' }], subject: 'sample', title: 'Open the sample station' });
  });

  it('carries text of every script and numbers as they are', async () => {
    const { call } = await open(way, { 'stations.get': async ({ id }) => fakeStation({ id, taktMs: 0.1 + 0.2 }) });
    const text = 'Straße 日本 \u{1f600} "quote" \\ \u2028 \u0000 end';
    await expect(call('stations.get', { id: text })).resolves.toMatchObject({ id: text, taktMs: 0.30000000000000004 });
  });

  it('ends what is in flight when the host closes', async () => {
    const { call, test } = await open(way, { 'app.changes': async (_input, { signal, emit }) => { emit({ noun: 'models', id: null }); await untilAbort(signal); } });
    let stream: Promise<unknown> = Promise.resolve();
    await new Promise((resolve) => { stream = call('app.changes', {}, { onEvent: resolve }).catch(() => 'ended'); });
    await test.host.close();
    await expect(Promise.race([stream, new Promise((resolve) => { setTimeout(() => resolve('still there'), 5000); })])).resolves.not.toBe('still there');
  });
});

describe('over WebSocket only', () => {
  it('cuts off who sends a frame above the limit', async () => {
    const { call, channel } = await open(ways['WebSocket']!);
    const closed = new Promise<void>((resolve) => channel.onClose(resolve));
    const answer = call('stations.get', { id: 'ok' }).catch(() => undefined);
    await answer;
    expect(() => channel.send({ t: 'call', id: 900, op: 'stations.get', input: { id: 'x'.repeat(frameBytesMax + 10) } })).toThrow('too large');
    channel.send({ t: 'event', id: 900, event: 'x'.repeat(frameBytesMax + 10) });
    await closed;
  });

  it('cuts off a reader that does not read, so that memory stays bounded', async () => {
    let emitted = 0;
    const test = openTestHost({ handlers: () => ({
      'app.changes': async (_input, { signal, emit }) => {
        const id = 'x'.repeat(100_000);
        for (; !signal.aborted && emitted < 5000; emitted++) { emit({ noun: 'models', id }); if (emitted % 20 === 0) await new Promise((resolve) => { setImmediate(resolve); }); }
      },
    }) });
    cleanUps.push(() => test.close());
    const served = await serveConsole({ host: test.host, pageDir: tmpdir(), port: 0 });
    cleanUps.push(() => served.close());
    const socket = new WebSocket(`ws://127.0.0.1:${served.port}/rpc`, { headers: await enterConsole(served.address) });
    await new Promise((resolve) => { socket.once('open', resolve); });
    cleanUps.push(() => socket.terminate());
    socket.send(JSON.stringify({ t: 'call', id: 1, op: 'app.changes', input: {} }));
    socket.pause();
    await until(() => emitted > 100, 'the stream runs');
    await new Promise((resolve) => { setTimeout(resolve, 500); });
    expect(emitted).toBeLessThan(1000);
  });
});
