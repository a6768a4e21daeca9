// Carries one request: chooses a version, tries the next where it does not answer, and hands the answer to the client.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GatewayConfig } from '#shared/gateway';
import type { Upstreams } from '../sealed.ts';
import { targetsToTry, type Share } from './chooseTarget.ts';
import type { Answer } from './compareAnswers.ts';
import { endToEnd, type Attempt, type Question } from './forward.ts';
import { forwardTo } from './forwardTo.ts';
import { isBelow } from '../plainPath.ts';
import { refuse } from './replies.ts';
import type { Replicas } from './replicas.ts';
import { comparedBytesMax, type Shadow } from './shadow.ts';
import type { TargetStates } from './targetStates.ts';

export interface RelayParts { readonly upstreams: Upstreams; readonly states: TargetStates; readonly replicas: Replicas; readonly shadow: Shadow; readonly share: Share; readonly now: () => number }

/** Changing what a version has loaded is not an inference: it goes to the live version and is never sent twice. */
const changesState = (path: string): boolean => managing.some((closed) => isBelow(path, closed));
const managing = ['/v2/repository/', '/models'];

export const isInference = ({ method, path }: Pick<Question, 'method' | 'path'>): boolean => method === 'POST' && !changesState(path);

export interface Relayed { readonly target: string | null; readonly status: number; /** Null where it was not wanted, or not kept whole. */ readonly answer: Answer | null; readonly answerBytes: number }
const unanswered = { answer: null, answerBytes: 0 };

/** `keeps` tells by its status whether the answer is wanted. */
export async function relay(config: GatewayConfig, question: Question, requestId: string, response: ServerResponse, parts: RelayParts, keeps: (status: number) => boolean): Promise<Relayed> {
  const { states, now } = parts;
  const gone = new AbortController();
  response.once('close', () => { if (!response.writableFinished) gone.abort(); });
  const key = config.canary?.keyHeader ? headerOf(question, config.canary.keyHeader) : null;
  const once = changesState(question.path);
  const names = once ? [config.live] : targetsToTry(config, key, parts.share);
  let last: Attempt | null = null;
  /** What a version without room said, for the client where no other one answers. */
  let busy: { readonly name: string; readonly response: IncomingMessage } | null = null;
  for (const name of names) {
    const target = config.targets.find(({ id }) => id === name);
    const state = states.of(name);
    // With nobody left to take over, a version that failed before is tried all the same.
    const lastResort = last === null && name === names.at(-1);
    if (!target || (!state.breaker.admits(now()) && !lastResort)) continue;
    state.inFlight += 1;
    const startedMs = performance.now();
    const note = (failed: boolean) => { if (isInference(question)) state.recent.observe(failed, performance.now() - startedMs); };
    try {
      const options = { upstreams: parts.upstreams, timeoutMs: config.timeoutMs, signal: gone.signal, replicas: parts.replicas, repeatable: !once && !config.stateful };
      let attempt = await forwardTo(target, question, options);
      // A kept connection that the other side closed meanwhile tells nothing about the version: once more on a fresh one.
      if (attempt.kind === 'unreachable' && attempt.reusedSocket && options.repeatable) attempt = await forwardTo(target, question, options);
      last = attempt;
      if (attempt.kind === 'aborted') { state.breaker.released(); busy?.response.resume(); return { target: name, status: 499, ...unanswered }; }
      if (attempt.kind === 'answered') {
        const status = attempt.response.statusCode ?? 502;
        // Busy or draining is no fault of the version, but another one may have room.
        if (status === 503 && !once && name !== names.at(-1)) { busy?.response.resume(); busy = { name, response: attempt.response }; state.breaker.released(); continue; }
        busy?.response.resume();
        const failed = status >= 500 && status !== 503 && status !== 501;
        if (failed) { state.failed += 1; state.breaker.failed(now()); } else { state.answered += 1; state.breaker.succeeded(); }
        const handed = await handOver(config, question, requestId, name, attempt.response, response, parts.shadow, keeps(status));
        note(failed);
        return { target: name, status, ...handed };
      }
      state.failed += 1;
      note(true);
      state.breaker.failed(now());
      const mayHaveArrived = attempt.kind === 'timeout' || attempt.sent;
      if (mayHaveArrived && (once || config.stateful || attempt.kind === 'timeout')) break;
    } finally { state.inFlight -= 1; }
  }
  // A version that was asked after it and did not answer in time may have done what was asked: that is to be told.
  if (busy !== null && last?.kind !== 'timeout' && !response.destroyed) {
    states.of(busy.name).answered += 1;
    return { target: busy.name, status: 503, ...await handOver(config, question, requestId, busy.name, busy.response, response, parts.shadow, keeps(503)) };
  }
  busy?.response.resume();
  const [status, sentence] = refusal(last);
  refuse(response, status, sentence, requestId);
  return { target: null, status, ...unanswered };
}

const headerOf = ({ headers }: Question, name: string): string | null => { const value = headers[name]; return typeof value === 'string' ? value : null; };

function refusal(last: Attempt | null): readonly [number, string] {
  if (last?.kind === 'timeout') return [504, 'The model did not answer in time.'];
  if (last?.kind === 'unreachable') return [503, `No version of the model can be reached (${last.reason}).`];
  return [503, 'No version of the model is named in the orders of this gateway.'];
}

async function handOver(config: GatewayConfig, question: Question, requestId: string, name: string, answer: IncomingMessage, response: ServerResponse, shadow: Shadow, wanted: boolean): Promise<Pick<Relayed, 'answer' | 'answerBytes'>> {
  const copied = isInference(question) && shadow.wants(config, name);
  const kept: Buffer[] = [];
  let answerBytes = 0;
  if (copied || wanted) answer.on('data', (chunk: Buffer) => { answerBytes += chunk.length; if (answerBytes <= comparedBytesMax) kept.push(chunk); else kept.length = 0; });
  response.writeHead(answer.statusCode ?? 502, { ...endToEnd(answer.headers), ...(answer.headers['content-length'] === undefined ? {} : { 'content-length': answer.headers['content-length'] }), 'x-request-id': requestId, 'x-millwright-version': name });
  const whole = await carry(answer, response);
  if (!(copied || wanted) || !whole || answerBytes > comparedBytesMax) return { answer: null, answerBytes };
  const said = { status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(kept) };
  if (copied) shadow.copy(config, requestId, question, said);
  return { answer: said, answerBytes };
}

/** Whether the answer went over whole. Where the client or the version goes away in the middle, the other side is closed: the cut answer tells the client. (`pipeline` makes an abort and an error for each answer, a tenth of the gateway's time.) */
function carry(answer: IncomingMessage, response: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    if (response.destroyed) { answer.destroy(); resolve(false); return; }
    answer.on('error', () => response.destroy());
    answer.once('close', () => { if (!answer.complete) response.destroy(); });
    response.on('error', () => answer.destroy());
    response.once('close', () => { answer.destroy(); resolve(response.writableFinished && answer.complete); });
    answer.pipe(response);
  });
}
