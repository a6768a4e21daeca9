// The inferences of one version over the last five minutes: how many, how many failed, and how long they took; so that two versions are compared over the same time.
import type { RecentFigures } from '#shared/gateway';

const slotMs = 10_000;
const slots = 30;
/** Buckets of a logarithmic scale from 50 µs on, each 5 % wider than the one before: a percentile is right within that. The last holds what took longer than two minutes. */
const lowestMs = 0.05;
const ratio = 1.05;
const buckets = Math.ceil(Math.log(120_000 / lowestMs) / Math.log(ratio)) + 1;

interface Slot { readonly number: number; readonly counts: Uint32Array; requests: number; failed: number }

export interface RecentWindow {
  observe(failed: boolean, durationMs: number): void;
  read(): RecentFigures;
}

export function createRecentWindow(now: () => number): RecentWindow {
  let kept: Slot[] = [];
  const current = (): Slot => {
    const number = Math.floor(now() / slotMs);
    const last = kept.at(-1);
    if (last?.number === number) return last;
    const made: Slot = { number, counts: new Uint32Array(buckets), requests: 0, failed: 0 };
    kept = [...kept.filter((slot) => slot.number > number - slots && slot.number < number), made];
    return made;
  };
  return {
    observe(failed, durationMs) {
      const slot = current();
      slot.requests += 1;
      if (failed) { slot.failed += 1; return; }
      const index = durationMs <= lowestMs ? 0 : Math.min(buckets - 1, Math.ceil(Math.log(durationMs / lowestMs) / Math.log(ratio)));
      slot.counts[index] = (slot.counts[index] ?? 0) + 1;
    },
    read() {
      const oldest = Math.floor(now() / slotMs) - slots;
      const counts = new Uint32Array(buckets);
      let requests = 0, failed = 0;
      for (const slot of kept) {
        if (slot.number <= oldest) continue;
        requests += slot.requests;
        failed += slot.failed;
        slot.counts.forEach((count, index) => { counts[index] = (counts[index] ?? 0) + count; });
      }
      const answered = requests - failed;
      return { seconds: (slots * slotMs) / 1000, requests, failed, p50Ms: quantile(counts, answered, 0.5), p99Ms: quantile(counts, answered, 0.99) };
    },
  };
}

/** The geometric middle of the bucket in which the quantile lies; null without a sample. */
function quantile(counts: Uint32Array, total: number, q: number): number | null {
  if (total === 0) return null;
  let left = Math.ceil(q * total);
  const index = counts.findIndex((count) => (left -= count) <= 0);
  return lowestMs * ratio ** (index - 0.5);
}
