// Non-maximum suppression: of the boxes of one class that overlap too much, the one with the highest score stays.

/** Corners; in whatever unit, since the overlap does not depend on it. */
export type Corners = readonly [x1: number, y1: number, x2: number, y2: number];
export interface Candidate { readonly corners: Corners; readonly category: number; readonly score: number }

/** Class by class, at most `most` boxes of each; best first over all classes. Of equal scores the earlier one goes first, as in ONNX's NonMaxSuppression. */
export function suppressBoxes(candidates: readonly Candidate[], iou: number, most: number): Candidate[] {
  const ranked = candidates.map((_, at) => at).sort((a, b) => (candidates[b]?.score ?? 0) - (candidates[a]?.score ?? 0) || a - b);
  const kept = new Map<number, Candidate[]>();
  const out: Candidate[] = [];
  for (const at of ranked) {
    const candidate = candidates[at];
    if (!candidate) continue;
    const rivals = kept.get(candidate.category) ?? [];
    if (rivals.length >= most || rivals.some((rival) => overlap(rival.corners, candidate.corners) > iou)) continue;
    kept.set(candidate.category, rivals);
    rivals.push(candidate);
    out.push(candidate);
  }
  return out;
}

function overlap(a: Corners, b: Corners): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]), height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const both = width * height;
  return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both);
}
