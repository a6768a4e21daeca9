// Has a request answered by a version wherever it runs: at its one place, or at one of its replicas and, where that fails, at the next.
import type { GatewayTarget } from '#shared/gateway';
import type { Upstreams } from '../sealed.ts';
import { forward, type Attempt, type Question } from './forward.ts';
import { sealOf, type Replicas } from './replicas.ts';

export interface ForwardOptions {
  readonly upstreams: Upstreams;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly replicas: Replicas;
  /** Whether a request that may have arrived may be sent once more; it is not where the answer depends on those before. */
  readonly repeatable: boolean;
}

/** A host in the same plant accepts within this, or not at all. */
const connectMs = 1500;

export async function forwardTo(target: GatewayTarget, question: Question, { upstreams, timeoutMs, signal, replicas, repeatable }: ForwardOptions): Promise<Attempt> {
  const places = replicas.inTurn(target);
  if (places === null) return forward({ ...target, seal: null }, question, { upstreams, timeoutMs, signal });
  const asked: Question = target.key === undefined ? question : { ...question, headers: { ...question.headers, authorization: `Bearer ${target.key}` } };
  let last: Attempt = { kind: 'unreachable', sent: false, reusedSocket: false, reason: 'no replica' };
  for (const [index, replica] of places.entries()) {
    const place = { ...replica.place, seal: sealOf(target, replica.place) };
    replica.inFlight += 1;
    let counted = true;
    const release = () => { if (counted) { counted = false; replica.inFlight -= 1; } };
    const until = AbortSignal.any([signal, replica.lost.signal]);
    let attempt = await forward(place, asked, { upstreams, timeoutMs, connectMs, signal: replica.ready === false ? signal : until });
    // A kept connection that the other side closed meanwhile tells nothing about the replica: once more on a fresh one.
    if (attempt.kind === 'unreachable' && attempt.reusedSocket && repeatable) attempt = await forward(place, asked, { upstreams, timeoutMs, connectMs, signal: replica.ready === false ? signal : until });
    if (attempt.kind === 'aborted' && !signal.aborted) attempt = { kind: 'unreachable', sent: true, reusedSocket: false, reason: 'lost while it was asked' };
    last = attempt;
    if (attempt.kind === 'answered') {
      const { response } = attempt;
      replicas.heard(replica);
      // Leaving, or full: the next one may have room.
      if (response.statusCode === 503 && index < places.length - 1) { response.resume(); release(); continue; }
      if ((response.statusCode ?? 500) >= 500) replica.failed += 1; else replica.answered += 1;
      response.once('close', release);
      return attempt;
    }
    release();
    if (attempt.kind !== 'unreachable') return attempt;
    replica.failed += 1;
    replicas.leave(replica);
    if (attempt.sent && !repeatable) return attempt;
  }
  return last;
}
