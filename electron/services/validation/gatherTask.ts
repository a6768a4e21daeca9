// Gathers what the metrics of a task are made of from the answers of a model, sample by sample.
import { AppError } from '#shared/errors';
import type { Feeds, TensorValue } from '#shared/tensor';
import { floatsOfTensor } from '#core/statistics/floatsOfTensor';
import { anomalyAnswer, embeddingOf, labelScores, labelSets, pixelClasses } from '#core/statistics/taskAnswers';
import { pixelCountsOf, type TaskSamples } from '#core/statistics/taskFigures';
import { overlapCollector } from '#core/statistics/overlapCollector';
import type { DetectorSpec } from '#core/datasets/detectorSpec';
import { normalClass } from '#core/datasets/normalClass';
import type { PixelCounts } from '#core/statistics/segmentation';
import type { DatasetReader } from '../datasets/DatasetReader.ts';
import { measureDetection } from './measureDetection.ts';

/** Runs a model over the first so many samples, in order, and hands each answer on. */
export type Answers = (length: number, take: (outputs: Readonly<Record<string, TensorValue>>, index: number, feeds: Feeds) => Promise<void> | void) => Promise<void>;

/** Every pair is compared for recall, which beyond so many samples would hold the host up. */
export const mostVectors = 2000;
const numbers = (value: TensorValue): Float64Array => Float64Array.from(floatsOfTensor(value), Number);

/**
 * `threshold`: the score from which on a sample counts as anomalous. Null where the data lacks what the task is judged by.
 * Throws MODEL_UNSUPPORTED where no output fits the task, BAD_DATA where labels do not fit the answers.
 */
export async function gatherTask(reader: DatasetReader, classes: readonly string[], detector: DetectorSpec, answers: Answers, ofReference: Answers | null, threshold: number | null = null): Promise<TaskSamples | null> {
  const { task } = reader;
  const target = async (index: number): Promise<TensorValue> => {
    const value = await reader.target?.(index);
    if (!value) throw new AppError('BAD_DATA', `Sample ${index} has no label that a ${task} is judged by.`);
    return value;
  };
  const labelled = reader.labels?.every((label) => label !== null && label !== '') === true;
  switch (task) {
    case 'multilabel': {
      if (!reader.target) return null;
      const first = await target(0);
      const labels = Array.from({ length: first.data.length }, (_, at) => classes[at] ?? String(at));
      const actual: Set<number>[] = [], scores: Float64Array[] = [];
      await answers(reader.length, async (outputs, index) => {
        actual.push(new Set(Array.from(numbers(await target(index)), (value, at) => (value > 0.5 ? at : -1)).filter((at) => at >= 0)));
        scores.push(labelScores(outputs, labels.length));
      });
      return { task, labels, actual, predicted: labelSets(scores) };
    }
    case 'segmentation': {
      if (!reader.target) return null;
      let highest = classes.length - 1;
      for (let index = 0; index < reader.length && classes.length === 0; index++) for (const value of numbers(await target(index))) if (value > highest && value < 255) highest = value; // 255: void
      const labels = Array.from({ length: Math.max(2, highest + 1) }, (_, at) => classes[at] ?? String(at));
      const counts: PixelCounts[] = [];
      await answers(reader.length, async (outputs, index) => {
        const truth = numbers(await target(index));
        counts.push(pixelCountsOf(labels.length, truth, pixelClasses(outputs, truth.length)));
      });
      return { task, labels, counts };
    }
    case 'anomaly': {
      if (!labelled) return null;
      const scores: number[] = [], collector = overlapCollector();
      await answers(reader.length, async (outputs, index) => {
        const mask = await reader.target?.(index) ?? null;
        const { score, map } = anomalyAnswer(outputs, mask === null ? null : mask.data.length);
        scores.push(score);
        const [height = 1, width = 1] = mask?.dims.slice(-2) ?? [];
        if (mask !== null && map !== null) collector.add({ width, height, mask: Uint8Array.from(numbers(mask), (value) => (value === 0 ? 0 : 1)), scores: Float32Array.from(map) });
      });
      const normal = normalClass(reader.classes);
      const { images, maps, counted } = collector.collected(), isWhole = images === reader.length; // a figure over some of the images would be none of the set
      return { task, scores, anomalous: (reader.labels ?? []).map((label) => label !== normal), threshold, maps: isWhole ? maps : [], ...(isWhole && counted ? { counted } : {}) };
    }
    case 'embedding': {
      if (!labelled) return null;
      const length = Math.min(mostVectors, reader.length);
      const vectors: Float64Array[] = [], others: Float64Array[] = [];
      await answers(length, (outputs) => { vectors.push(embeddingOf(outputs)); });
      await ofReference?.(length, (outputs) => { others.push(embeddingOf(outputs)); });
      return { task, vectors, labels: (reader.labels ?? []).slice(0, length).map(String), reference: ofReference === null ? null : others };
    }
    case 'detection': return measureDetection(reader, classes, detector, (take) => answers(reader.length, take));
    case 'classification': case 'regression': return null;
  }
}
