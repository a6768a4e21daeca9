// Gathers true and found boxes of a detector over a data set; all of them in pixels of the model's input.
import { AppError } from '#shared/errors';
import type { Feeds, TensorValue } from '#shared/tensor';
import type { DetectorSpec } from '#core/datasets/detectorSpec';
import { decodeBoxes } from '#core/statistics/decodeBoxes';
import type { FoundBox, TruthBox } from '#core/statistics/detection';
import type { Candidate } from '#core/statistics/suppressBoxes';
import type { TaskSamples } from '#core/statistics/taskFigures';
import { nearestWord } from '#core/text/nearestWord';
import type { DatasetReader } from '../datasets/DatasetReader.ts';

type Each = (take: (outputs: Readonly<Record<string, TensorValue>>, index: number, feeds: Feeds) => Promise<void>) => Promise<void>;
type DetectionSamples = Extract<TaskSamples, { task: 'detection' }>;

/** @param classes in the order of the model's scores; empty where neither the model nor the data names them */
export async function measureDetection(reader: DatasetReader, classes: readonly string[], spec: DetectorSpec, each: Each): Promise<DetectionSamples | null> {
  if (!reader.boxes) return null;
  const place = placesOf(reader.classes, classes);
  const truths: TruthBox[] = [], areas: number[] = [];
  for (let index = 0; index < reader.length; index++) {
    const sample = await reader.boxes(index);
    areas.push(sample.areaOfPixel);
    truths.push(...sample.truths.map((truth) => ({ ...truth, image: index, category: place(truth.category) })));
  }
  const labels = classes.length > 0 ? classes : Array.from({ length: 1 + truths.reduce((most, { category }) => Math.max(most, category), 0) }, (_, at) => String(at));
  const raw: { readonly image: number; readonly candidate: Candidate }[] = [], sizes: (readonly [number, number])[] = [];
  await each((outputs, index, feeds) => {
    sizes[index] = inputSize(feeds);
    for (const candidate of decodeBoxes(outputs, labels.length, spec)) raw.push({ image: index, candidate });
    return Promise.resolve();
  });
  const unit = spec.unit ?? unitOf(raw.map(({ candidate }) => candidate));
  const found = raw.map(({ image, candidate: { corners: [x1, y1, x2, y2], category, score } }): FoundBox => {
    const [width, height] = unit === 'share' ? sizes[image] ?? [1, 1] : [1, 1];
    const [w, h] = [(x2 - x1) * width, (y2 - y1) * height];
    return { image, category, score, box: [x1 * width, y1 * height, w, h], area: w * h * (areas[image] ?? 1) };
  });
  return {
    task: 'detection', labels, images: reader.length, truths, found, score: spec.score, unit,
    settings: [
      { name: 'A box counts as found from the score', value: String(spec.score) }, { name: 'Boxes are kept above the score', value: String(spec.keep) },
      { name: 'Boxes of one class may overlap by (IoU)', value: String(spec.iou) }, { name: 'Unit of the boxes', value: unit },
    ],
  };
}

/** Boxes of a whole set that all lie within 0 to 1 (and a little beside it) are shares: in pixels each would be a dot in the corner. */
const unitOf = (all: readonly Candidate[]): 'pixels' | 'share' => (all.length > 0 && all.every(({ corners }) => corners.every((value) => Math.abs(value) <= 2)) ? 'share' : 'pixels');

function inputSize(feeds: Feeds): readonly [width: number, height: number] {
  const dims = Object.values(feeds).map((value) => value.dims).find(({ length }) => length >= 3)?.slice(-3) ?? [1, 1, 1];
  const [a = 1, b = 1, c = 1] = dims;
  const isPacked = (c === 1 || c === 3) && a !== 1 && a !== 3;
  return isPacked ? [b, a] : [c, b];
}

/** From a class of the data to that of the model: by its name, or by its number where the data has no names. */
function placesOf(own: readonly string[], models: readonly string[]): (category: number) => number {
  const isUnnamed = own.every((name, at) => name === String(at));
  if (models.length === 0 || (isUnnamed && own.length <= models.length)) return (category) => category;
  const stranger = own.find((name) => !models.includes(name));
  if (stranger !== undefined) {
    const near = nearestWord(stranger, models);
    throw new AppError('BAD_DATA', `The class "${stranger.slice(0, 60)}" of the data is not a class of the model (${models.slice(0, 8).join(', ')})${near ? `; did you mean "${near}"?` : '.'}`, { hint: 'List the classes in the order of the model\'s scores as `classes` in dataset.yaml.' });
  }
  const places = own.map((name) => models.indexOf(name));
  return (category) => places[category] ?? category;
}
