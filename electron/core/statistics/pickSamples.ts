// Some of the samples that a task was judged on, as a set of their own.
import type { TaskSamples } from './taskFigures.ts';

/** The samples at `places`, in that order and each once. Maps of anomalies are left behind: what is picked is judged by its scores. */
export function pickSamples(data: TaskSamples, places: readonly number[]): TaskSamples {
  const pick = <T>(list: readonly T[]): T[] => places.flatMap((place) => { const item = list[place]; return item === undefined ? [] : [item]; });
  switch (data.task) {
    case 'multilabel': return { ...data, actual: pick(data.actual), predicted: pick(data.predicted) };
    case 'segmentation': return { ...data, counts: pick(data.counts) };
    case 'anomaly': return { task: data.task, scores: pick(data.scores), anomalous: pick(data.anomalous), maps: [] };
    // What is picked is still looked for among all samples.
    case 'embedding': return { ...data, gallery: { vectors: data.vectors, labels: data.labels, places: places.filter((place) => data.vectors[place] !== undefined) }, vectors: pick(data.vectors), labels: pick(data.labels), reference: data.reference && pick(data.reference) };
    case 'detection': {
      const now = new Map(places.map((place, at) => [place, at]));
      const own = <T extends { readonly image: number }>(boxes: readonly T[]) => boxes.flatMap((box) => { const image = now.get(box.image); return image === undefined ? [] : [{ ...box, image }]; });
      return { ...data, images: places.length, truths: own(data.truths), found: own(data.found) };
    }
  }
}
