// The machine's live samples of the last eight hours, kept once for status bar and charts.
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { MachineSample } from '#shared/contract/machine';

const keepMs = 8 * 3600_000;

export interface MachineFeed { push(sample: MachineSample): void; samples(): readonly MachineSample[]; latest(): MachineSample | null; subscribe(listener: () => void): () => void }

export function createMachineFeed(): MachineFeed {
  let samples: MachineSample[] = [];
  const listeners = new Set<() => void>();
  return {
    push(sample) {
      samples.push(sample);
      if (samples.length % 600 === 0) { const from = Date.parse(sample.at) - keepMs; samples = samples.filter((each) => Date.parse(each.at) >= from); }
      listeners.forEach((listener) => listener());
    },
    samples: () => samples,
    latest: () => samples.at(-1) ?? null,
    subscribe: (listener) => { listeners.add(listener); return () => listeners.delete(listener); },
  };
}

export const MachineFeedContext = createContext<MachineFeed>(createMachineFeed());

/** The newest sample; draws again with each one. */
export function useMachineSample(): { readonly feed: MachineFeed; readonly latest: MachineSample | null } {
  const feed = useContext(MachineFeedContext);
  const latest = useSyncExternalStore(feed.subscribe, feed.latest);
  return { feed, latest };
}

/** Mean of equal slices of time, at most `count` of them, so that eight hours draw as fast as five minutes. */
export function thin<T extends { readonly at: string }>(samples: readonly T[], fromMs: number, toMs: number, count: number): readonly (readonly T[])[] {
  const width = (toMs - fromMs) / count;
  const slices = new Map<number, T[]>();
  for (const sample of samples) {
    const at = Date.parse(sample.at);
    if (at < fromMs || at > toMs) continue;
    const slot = Math.floor(at / width);
    const slice = slices.get(slot);
    if (slice) slice.push(sample); else slices.set(slot, [sample]);
  }
  return Array.from(slices.entries()).sort(([a], [b]) => a - b).map(([, slice]) => slice);
}
