// The places where one version is served on several hosts: asked every second whether they are ready, taken in turns, and left alone while they do not answer.
import type { GatewayConfig, GatewayReplica, GatewayStatus, GatewayTarget } from '#shared/gateway';
import type { Upstreams } from '../sealed.ts';
import { forward } from './forward.ts';
import { readAnswer } from './readAnswer.ts';

export interface Replica {
  readonly place: GatewayReplica;
  /** Null until it was asked for the first time. */
  ready: boolean | null;
  sinceMs: number;
  inFlight: number;
  answered: number;
  failed: number;
  /** Aborted when it is lost, so that what waits there for an answer that will never come is asked elsewhere. */
  lost: AbortController;
}

export interface Replicas {
  /** Follows new orders: what is still named keeps what is known of it. */
  follow(config: GatewayConfig | null): void;
  /** In the order in which one request tries them: those that are ready in turns, then the others. Null where the version runs in one place. */
  inTurn(target: GatewayTarget): readonly Replica[] | null;
  /** Did not take a connection, or said that it is leaving: others come first until it answers that it is ready. */
  leave(replica: Replica): void;
  /** Answered a request: whatever became of a question about its health, it is there. */
  heard(replica: Replica): void;
  status(targetId: string): GatewayStatus['targets'][number]['replicas'];
  close(): Promise<void>;
}

/** The key that connections to a replica are sealed with; null where they are plain. */
export const sealOf = ({ key }: Pick<GatewayTarget, 'key'>, { sealed }: GatewayReplica): string | null => (sealed ? key ?? null : null);

const everyMs = 1000;
/** A host that has lost its power does not even refuse a connection. */
const probeMs = 2000;
/** One answer that comes late tells nothing yet; a host that is busy with other things is late often. */
const lostAfter = 2;
const probeBytesMax = 64 * 1024;

export function makeReplicas(upstreams: Upstreams, now: () => number): Replicas {
  const known = new Map<string, Replica>();
  let orders: GatewayConfig | null = null;
  let turn = 0;
  const misses = new Map<Replica, number>();
  const stop = new AbortController();
  const keyOf = (target: string, { host, httpPort }: GatewayReplica) => `${target} ${host} ${httpPort}`;
  const of = (target: GatewayTarget): readonly Replica[] | null => target.replicas?.map((place) => {
    const key = keyOf(target.id, place);
    const found = known.get(key) ?? { place, ready: null, sinceMs: now(), inFlight: 0, answered: 0, failed: 0, lost: new AbortController() };
    known.set(key, found);
    return found;
  }) ?? null;
  const become = (replica: Replica, ready: boolean) => {
    if (replica.ready === ready) return;
    replica.ready = ready;
    replica.sinceMs = now();
  };

  async function ask(target: GatewayTarget, replica: Replica): Promise<void> {
    const said = await forward({ ...replica.place, seal: sealOf(target, replica.place) }, { method: 'GET', path: '/v2/health/ready', headers: {}, body: Buffer.alloc(0) }, { upstreams, timeoutMs: probeMs, signal: stop.signal });
    if (said.kind === 'aborted') return;
    const answer = said.kind === 'answered' ? await readAnswer(said.response, probeBytesMax) : null;
    if (answer !== null) { misses.delete(replica); if (replica.lost.signal.aborted) replica.lost = new AbortController(); become(replica, answer.status === 200); return; }
    const missed = (misses.get(replica) ?? 0) + 1;
    misses.set(replica, missed);
    // A refused connection is certain, silence only when it lasts.
    if (said.kind === 'unreachable' || missed >= lostAfter) become(replica, false);
    if (missed >= lostAfter) replica.lost.abort();
  }

  const asking = new Set<Replica>();
  const askAll = () => {
    for (const target of orders?.targets ?? []) {
      for (const replica of of(target) ?? []) {
        if (asking.has(replica)) continue;
        asking.add(replica);
        void ask(target, replica).finally(() => asking.delete(replica));
      }
    }
  };
  const timer = setInterval(askAll, everyMs);

  return {
    follow(config) {
      orders = config;
      const named = new Set((config?.targets ?? []).flatMap((target) => (target.replicas ?? []).map((place) => keyOf(target.id, place))));
      for (const [key, replica] of known) if (!named.has(key) && replica.inFlight === 0) { known.delete(key); misses.delete(replica); }
      askAll();
    },
    inTurn(target) {
      const all = of(target);
      if (all === null) return null;
      turn = (turn + 1) % 1_000_000;
      const turned = [...all.slice(turn % all.length), ...all.slice(0, turn % all.length)];
      const rank = ({ ready }: Replica) => (ready === true ? 0 : ready === null ? 1 : 2);
      return turned.sort((a, b) => rank(a) - rank(b));
    },
    leave(replica) { become(replica, false); },
    heard(replica) { misses.delete(replica); },
    status: (targetId) => (orders?.targets.find(({ id }) => id === targetId)?.replicas ?? []).map((place) => {
      const { ready, sinceMs, inFlight, answered, failed } = known.get(keyOf(targetId, place)) ?? { ready: false, sinceMs: now(), inFlight: 0, answered: 0, failed: 0 };
      return { name: place.name, ready: ready === true, since: new Date(sinceMs).toISOString(), inFlight, answered, failed, grpc: place.grpcPort !== null };
    }),
    async close() {
      clearInterval(timer);
      stop.abort();
      while (asking.size > 0) await new Promise((resolve) => { setTimeout(resolve, 5); });
    },
  };
}
