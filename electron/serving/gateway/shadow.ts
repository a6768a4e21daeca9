// Sends a copy of some requests to the shadow version after the client was answered, and compares the two answers.
import type { GatewayConfig, GatewayStatus, GatewayTarget } from '#shared/gateway';
import { compareAnswers, type Answer } from './compareAnswers.ts';
import type { Upstreams } from '../sealed.ts';
import type { Question } from './forward.ts';
import { forwardTo } from './forwardTo.ts';
import type { Replicas } from './replicas.ts';
import { makeShare } from './chooseTarget.ts';
import { readAnswer } from './readAnswer.ts';
import type { TargetStates } from './targetStates.ts';

export interface Shadow {
  /** Another version on trial is counted from zero; one whose trial has ended keeps its counts to be read. */
  follow(config: GatewayConfig): void;
  /** Whether this request is to be copied; asked once, before it is answered, so that the answer is kept. */
  wants(config: GatewayConfig, answeredBy: string): boolean;
  copy(config: GatewayConfig, requestId: string, question: Question, answer: Answer): void;
  status(): GatewayStatus['shadow'];
  /** Ends once no copy is under way. */
  settled(): Promise<void>;
}

/** More copies at once than this are left out and counted: the shadow must never slow the live version down. */
const copiesAtOnce = 4;
const differencesKept = 20;
/** Larger requests and answers are not kept for comparing. */
export const comparedBytesMax = 8 * 1024 ** 2;

export function makeShadow({ upstreams, signal, now, states, replicas }: { readonly upstreams: Upstreams; readonly signal: AbortSignal; readonly now: () => number; readonly states: TargetStates; readonly replicas: Replicas }): Shadow {
  const share = makeShare();
  const counts = { same: 0, different: 0, decisionsChanged: 0, failed: 0, skipped: 0 };
  const differences: GatewayStatus['shadow']['differences'] = [];
  const running = new Set<Promise<void>>();
  let tried: string | null = null;

  async function compare(target: GatewayTarget, config: GatewayConfig, tolerance: number, requestId: string, question: Question, answer: Answer): Promise<void> {
    const startedMs = performance.now();
    const attempt = await forwardTo(target, question, { upstreams, timeoutMs: config.timeoutMs, signal, replicas, repeatable: !config.stateful }).finally(question.hold?.());
    const other = attempt.kind === 'answered' ? await readAnswer(attempt.response, comparedBytesMax) : null;
    if (target.id !== tried) return; // its trial ended meanwhile
    states.of(target.id).recent.observe(other === null || other.status >= 500, performance.now() - startedMs);
    if (other === null) { counts.failed += 1; return; }
    const { reason, decisionChanged } = compareAnswers(answer, other, tolerance);
    if (decisionChanged) counts.decisionsChanged += 1;
    if (reason === null) { counts.same += 1; return; }
    counts.different += 1;
    differences.push({ at: new Date(now()).toISOString(), requestId, path: question.path, reason });
    if (differences.length > differencesKept) differences.shift();
  }

  return {
    follow({ shadow }) {
      if (shadow === null || shadow.target === tried) return;
      tried = shadow.target;
      Object.assign(counts, { same: 0, different: 0, decisionsChanged: 0, failed: 0, skipped: 0 });
      differences.length = 0;
    },
    wants: ({ shadow }, answeredBy) => shadow !== null && shadow.target !== answeredBy && share.takes(shadow.percent),
    copy(config, requestId, question, answer) {
      const target = config.targets.find(({ id }) => id === config.shadow?.target);
      if (!target || !config.shadow) return;
      if (running.size >= copiesAtOnce || question.body.byteLength > comparedBytesMax) { counts.skipped += 1; return; }
      const work = compare(target, config, config.shadow.tolerance, requestId, question, answer).finally(() => { running.delete(work); });
      running.add(work);
    },
    status: () => ({ ...counts, differences: [...differences] }),
    async settled() { await Promise.allSettled(running); },
  };
}
