// The thread that holds a session: reads requests, runs them, writes answers. It ends by releasing the session, never by being terminated.
import type { MessagePort } from 'node:worker_threads';
import { toErrorReport } from '#shared/errors';
import { batchObstacle } from '#core/stations/batchObstacle';
import type { NativeSession } from '#services/inference/nativeSession';
import { checkInputs } from '../protocol/checkInputs.ts';
import type { InferRequest, ModelIdentity, ModelSignature } from '../protocol/InferRequest.ts';
import { handOverBytes, nowNs, timedOut, type EngineAnswer, type EngineFailure, type EngineJob, type EngineSetup, type FromEngine, type ToEngine } from './EngineMessages.ts';
import { createSequences, type Sequences } from './createSequences.ts';
import { imageInputOf, type ImageInput } from './imageInput.ts';
import { openOnProvider } from './openOnProvider.ts';
import { prepareInputs } from './prepareInputs.ts';
import { codecOf, type RequestCodec } from './requestCodecs.ts';
import { batchKey, rowsOf, runTogether } from './runTogether.ts';
import { signatureOf } from './signatureOf.ts';
import { warmUp } from './warmUp.ts';

interface Engine { readonly session: NativeSession; readonly signature: ModelSignature; readonly image: ImageInput | null; readonly model: ModelIdentity; /** Where the first dimension is no number of samples, a request is one. */ readonly countsRows: boolean; readonly maxBatch: number; readonly sequences: Sequences | null }
interface Read { readonly job: EngineJob; readonly codec: RequestCodec; readonly request: InferRequest; /** What the client asked for, without state. */ readonly asked: InferRequest; readonly startNs: number; readonly readNs: number }

function readJob(job: EngineJob, { signature, image, sequences }: Engine): Read {
  const startNs = nowNs();
  const codec = codecOf(job);
  const read = codec.read(job, signature);
  const timeoutUs = Number(read.parameters['timeout'] ?? 0);
  if (timeoutUs > 0 && (startNs - job.queuedNs) / 1000 > timeoutUs) throw timedOut();
  const asked = prepareInputs(read, image);
  const request = sequences?.begin(asked) ?? asked;
  checkInputs(request, signature);
  return { job, codec, request, asked, startNs, readNs: nowNs() };
}

async function runGroup(group: readonly Read[], engine: Engine, answers: EngineAnswer[], failures: EngineFailure[]): Promise<void> {
  const beginNs = nowNs();
  try {
    const results = await runTogether(engine.session, engine.signature, group.map(({ request }) => request));
    const endNs = nowNs();
    const samplesOf = (request: InferRequest) => (engine.countsRows ? rowsOf(request) : 1);
    const batchRows = group.reduce((sum, { request }) => sum + samplesOf(request), 0);
    for (const [index, { job, codec, request, asked, startNs, readNs }] of group.entries()) {
      const writeNs = nowNs();
      try {
        const { body, jsonBytes } = codec.write(engine.sequences?.finish(asked, results[index] ?? []) ?? results[index] ?? [], asked, engine.model);
        answers.push({ id: job.id, body, jsonBytes, rows: samplesOf(request), batchRows, leadsBatch: index === 0, requestId: request.id, queueNs: startNs - job.queuedNs, inputNs: readNs - startNs, inferNs: endNs - beginNs, outputNs: nowNs() - writeNs });
      } catch (error) {
        failures.push({ id: job.id, error: toErrorReport(error), times: { queueNs: startNs - job.queuedNs, inputNs: readNs - startNs, inferNs: endNs - beginNs, outputNs: 0 } });
      }
    }
  } catch (error) {
    // one bad sample must not fail the others
    if (group.length > 1) for (const one of group) await runGroup([one], engine, answers, failures);
    else for (const { job, startNs, readNs } of group) failures.push({ id: job.id, error: toErrorReport(error), times: { queueNs: startNs - job.queuedNs, inputNs: readNs - startNs, inferNs: nowNs() - beginNs, outputNs: 0 } });
  }
}

/** Groups of one shape each, none with more samples than allowed. */
export function groupsOf(reads: readonly Read[], maxBatch: number): Read[][] {
  const groups: Read[][] = [];
  const open = new Map<string, { readonly group: Read[]; rows: number }>();
  for (const read of reads) {
    const key = maxBatch > 1 ? batchKey(read.request) : null;
    const rows = rowsOf(read.request);
    const last = key === null ? undefined : open.get(key);
    if (last && last.rows + rows <= maxBatch) {
      last.group.push(read);
      last.rows += rows;
    } else {
      const group = [read];
      groups.push(group);
      if (key !== null) open.set(key, { group, rows });
    }
  }
  return groups;
}

async function runJobs(jobs: readonly EngineJob[], engine: Engine): Promise<{ answers: EngineAnswer[]; failures: EngineFailure[] }> {
  const answers: EngineAnswer[] = [];
  const failures: EngineFailure[] = [];
  const reads: Read[] = [];
  for (const job of jobs) {
    const startNs = nowNs();
    try {
      reads.push(readJob(job, engine));
    } catch (error) {
      failures.push({ id: job.id, error: toErrorReport(error), times: { queueNs: startNs - job.queuedNs, inputNs: nowNs() - startNs, inferNs: 0, outputNs: 0 } });
    }
  }
  for (const group of groupsOf(reads, engine.maxBatch)) await runGroup(group, engine, answers, failures);
  return { answers, failures };
}

/** Where a request changes what the next one gets, each is read only after the one before it has run. */
async function runInTurn(jobs: readonly EngineJob[], engine: Engine): ReturnType<typeof runJobs> {
  if (!engine.sequences) return runJobs(jobs, engine);
  const all: Awaited<ReturnType<typeof runJobs>> = { answers: [], failures: [] };
  for (const job of jobs) {
    const { answers, failures } = await runJobs([job], engine);
    all.answers.push(...answers);
    all.failures.push(...failures);
  }
  return all;
}

export async function runEngineThread(port: MessagePort, setup: EngineSetup): Promise<void> {
  const say = (message: FromEngine, handOver: readonly ArrayBuffer[] = []) => port.postMessage(message, [...handOver]);
  const startNs = nowNs();
  let engine: Engine;
  let session: NativeSession | null = null;
  try {
    const opened = await openOnProvider(setup);
    session = opened.session;
    const signature = signatureOf(session);
    const labels = setup.settings.labels ?? [];
    const reason = batchObstacle(signature);
    const obstacle = setup.maxBatch > 1 ? reason : null;
    engine = { session, signature, image: imageInputOf(signature, setup.settings), model: { name: setup.name, version: setup.version, labels }, countsRows: reason === null, maxBatch: obstacle === null ? setup.maxBatch : 1, sequences: setup.settings.state ? createSequences(signature, setup.settings.state) : null };
    const warmed = setup.warmUp ? await warmUp(session, signature) : 'off';
    say({ type: 'ready', signature, labels, batching: { on: engine.maxBatch > 1, reason: obstacle ?? '' }, loadMs: (nowNs() - startNs) / 1e6, warmUp: warmed, provider: opened.provider });
  } catch (error) {
    await session?.release();
    say({ type: 'failed', error: toErrorReport(error) });
    port.close();
    return;
  }
  // one message after the other: a session answers one execution at a time
  let last: Promise<void> = Promise.resolve();
  port.on('message', (message: ToEngine) => {
    last = last.then(async () => {
      if (message.type === 'stop') {
        await engine.session.release();
        port.close();
        return;
      }
      const { answers, failures } = await runInTurn(message.jobs, engine);
      const spent = message.jobs.flatMap(({ id, body: { byteLength, buffer } }) => (byteLength >= handOverBytes && buffer instanceof ArrayBuffer ? [{ id, memory: buffer }] : []));
      const handOver = answers.flatMap(({ body }) => (body.byteLength >= handOverBytes && body.byteLength === body.buffer.byteLength && body.buffer instanceof ArrayBuffer ? [body.buffer] : []));
      say({ type: 'answers', answers: answers.map((answer) => (answer.body.byteLength === answer.body.buffer.byteLength ? answer : { ...answer, body: Uint8Array.from(answer.body) })), failures, spent }, [...handOver, ...spent.map(({ memory }) => memory)]);
    });
  });
}
