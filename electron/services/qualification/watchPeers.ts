// Looks again and again, while a run goes on, whom this program and its workers speak with beyond this machine.
import type { Egress } from '#core/report/security';
import type { Services } from '../Services.ts';
import { remotePeers } from './remotePeers.ts';

/** Often enough that a transfer of a model is seen; a look reads a few files of /proc. */
const everyMs = 2_000;

export interface PeerWatch {
  /** A last look, and all that was seen since the start; null where the system does not tell. */
  told(): Egress | null;
  stop(): void;
}

/** @param look answers "address:port" of each connection now, or null where that cannot be seen */
export function watchPeers({ clock }: Pick<Services, 'clock'>, look: () => readonly string[] | null = remotePeers): PeerWatch {
  const now = () => new Date(clock()).toISOString();
  const from = now();
  const seen = new Map<string, { peer: string; first: string; last: string; looks: number }>();
  let looks = 0;
  const again = () => {
    const peers = look();
    if (peers === null) return;
    looks += 1;
    const at = now();
    for (const peer of peers) {
      const before = seen.get(peer);
      seen.set(peer, { peer, first: before?.first ?? at, last: at, looks: (before?.looks ?? 0) + 1 });
    }
  };
  again();
  const timer = setInterval(again, everyMs);
  timer.unref();
  return {
    told() {
      again();
      return looks === 0 ? null : { from, to: now(), looks, everyMs, peers: [...seen.values()].sort((a, b) => (a.peer < b.peer ? -1 : 1)) };
    },
    stop: () => clearInterval(timer),
  };
}
