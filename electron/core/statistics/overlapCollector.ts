// Takes anomaly maps one by one, as a model gives them: holds them whole while they are few, and counts them away beyond that, so that memory stays bounded.
import type { AnomalyMap } from './anomaly.ts';
import { chooseThresholds, countOverlap, noOverlapCounts, type OverlapCounts } from './anomalyDraws.ts';
import { mostPixelsHeld, overlapBins, type BinnedOverlap, type OverlapBins } from './regionOverlap.ts';

/** What is left of maps that were too many to be held: the figure within its error, and what its draws add up. */
export interface CountedMaps { readonly overlap: BinnedOverlap | null; readonly counts: OverlapCounts }
export interface CollectedMaps { readonly images: number; readonly maps: readonly AnomalyMap[]; /** Instead of the maps. */ readonly counted: CountedMaps | null }

const countedAtOnce = 4;

export function overlapCollector(mostPixels = mostPixelsHeld): { add(map: AnomalyMap): void; collected(): CollectedMaps } {
  const maps: AnomalyMap[] = [];
  let pixels = 0, images = 0;
  let away: { readonly bins: OverlapBins; readonly counts: OverlapCounts } | null = null;
  /** Of the maps that are held, so many; without `most` all. */
  const countHeld = ({ bins, counts }: NonNullable<typeof away>, most = Number.POSITIVE_INFINITY) => {
    for (let done = 0; done < most; done++) { const map = maps.pop(); if (!map) return; bins.add(map); countOverlap(counts, map); }
  };
  return {
    add: (map) => {
      images++;
      maps.push(map);
      pixels += map.mask.length;
      // The thresholds of the draws come from the maps that are held so far; what they lack is made up for by the whole.
      if (!away && pixels > mostPixels) away = { bins: overlapBins(), counts: noOverlapCounts(chooseThresholds(maps)) };
      if (away) countHeld(away, countedAtOnce); // a few with each further one, so that nobody waits for all of them
    },
    collected: () => {
      if (away) countHeld(away);
      return { images, maps, counted: away && { overlap: away.bins.result(), counts: away.counts } };
    },
  };
}
