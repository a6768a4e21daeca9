// Asks one version what a recorded request asked, and compares the two answers.
import type { GatewayTarget, Replayed } from '#shared/gateway';
import { compareAnswers } from './compareAnswers.ts';
import { forwardTo, type ForwardOptions } from './forwardTo.ts';
import { readAnswer } from './readAnswer.ts';
import type { Recorded } from './recorder.ts';
import { comparedBytesMax } from './shadow.ts';

/** `tolerance` as in `compareAnswers`. Never rejects: what was not answered is told as failed. */
export async function replay({ summary, method, question, answer }: Recorded, target: GatewayTarget, tolerance: number, requestId: string, options: ForwardOptions): Promise<Replayed> {
  const { seq } = summary;
  const startedMs = performance.now();
  const failed = (reason: string): Replayed => ({ seq, outcome: 'failed', reason, decisionChanged: false, durationMs: performance.now() - startedMs });
  if (question.body === null || answer?.body == null) return failed('it was not recorded whole');
  const attempt = await forwardTo(target, { method, path: summary.path, headers: { ...question.headers, 'x-request-id': requestId }, body: question.body }, options);
  if (attempt.kind !== 'answered') return failed(attempt.kind === 'unreachable' ? `${target.id} cannot be reached (${attempt.reason})` : attempt.kind === 'timeout' ? `${target.id} did not answer in time` : 'the gateway is being stopped');
  const said = await readAnswer(attempt.response, comparedBytesMax);
  if (said === null) return failed(`the answer of ${target.id} broke off`);
  const durationMs = performance.now() - startedMs;
  const { reason, decisionChanged } = compareAnswers({ status: answer.status, headers: answer.headers, body: answer.body }, said, tolerance);
  return { seq, outcome: reason === null ? 'same' : 'different', reason, decisionChanged, durationMs };
}
