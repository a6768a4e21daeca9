// Occlusion maps of a few pictures: covers one part after the other in batches, and tells what the model's score loses.
import type { OcclusionMap } from '#shared/contract/validation';
import { decidedClasses } from '#core/explain/classProbabilities';
import { chooseExplained, type Judged, type Why } from '#core/explain/chooseExplained';
import { grayPicture, pictureAxes, writableNumbers, type PictureAxes } from '#core/explain/imageTensor';
import { attribute, channelMeans, occluded, planOcclusion } from '#core/explain/occlusion';
import type { Explained } from '#shared/contract/validation';
import { AppError } from '#shared/errors';
import type { Feeds, TensorValue } from '#shared/tensor';
import { answersOf, type Answer } from '#core/statistics/answers';
import { imageLibrary } from '../datasets/decodeImage.ts';
import type { DatasetReader } from '../datasets/DatasetReader.ts';
import type { JobContext } from '../Services.ts';
import type { PredictedModel } from './predictSamples.ts';
import { runBatch, type BatchRunner } from './runBatch.ts';

const batchSize = 32;
/** Of the picture in the report; a larger one is made smaller. */
const mostPixelsASide = 160;

type Map = Explained['maps'][number];
export interface Picture { readonly input: string; readonly tensor: TensorValue; readonly axes: PictureAxes }

/** The first input that is a picture; null where there is none. */
export function pictureIn(feeds: Feeds): Picture | null {
  for (const [input, tensor] of Object.entries(feeds)) {
    const axes = writableNumbers(tensor) === null ? null : pictureAxes(tensor.dims);
    if (axes) return { input, tensor, axes };
  }
  return null;
}

/** The samples that are explained, out of what the model answered for the whole set. */
export function explainedSamples({ task, labels }: Pick<DatasetReader, 'task' | 'labels'>, answers: readonly Answer[], seed: number): { readonly index: number; readonly why: Why }[] {
  const known = answers.flatMap((answer, index) => { const label = labels?.[index] ?? ''; return label === '' ? [] : [{ index, answer, label }]; });
  if (task !== 'regression') return chooseExplained(known.map(({ index, answer, label }): Judged => ({ index, wrong: answer.predicted !== label, score: answer.score })), seed);
  // A number is never quite right: those with the largest errors stand for the wrong ones.
  const errors = known.map(({ index, answer, label }) => ({ index, error: Math.abs(Number(answer.predicted) - Number(label)) }));
  const worst = new Set([...errors].sort((a, b) => b.error - a.error || a.index - b.index).slice(0, Math.min(6, Math.floor(errors.length / 2))).map(({ index }) => index));
  return chooseExplained(errors.map(({ index }): Judged => ({ index, wrong: worst.has(index), score: null })), seed);
}

/** How often the model is run for each sample. */
export const runsForPicture = (axes: PictureAxes): number => planOcclusion(axes).patches.length + 1;

interface Said { readonly decision: string; /** Probabilities by class; of a regression the number alone. */ readonly scores: readonly number[]; readonly index: number }

function readSaid(model: PredictedModel): (outputs: Readonly<Record<string, TensorValue>>, n: number) => Said[] {
  return (outputs, n) => {
    const answers = answersOf(outputs, n, model.answers);
    if (model.answers.task === 'regression') return answers.map(({ predicted }) => ({ decision: predicted, scores: [Number(predicted)], index: 0 }));
    const decided = decidedClasses(outputs, n);
    if (decided === null) throw new AppError('MODEL_UNSUPPORTED', 'No output of the model holds scores of classes, which a map of losses needs.');
    return decided.map(({ index, probabilities }, at) => ({ decision: answers[at]?.predicted ?? '', scores: probabilities, index }));
  };
}

/** @throws MODEL_UNSUPPORTED where the model gives labels without scores */
export async function explainPictures(runner: BatchRunner, model: PredictedModel, reader: DatasetReader, chosen: readonly { readonly index: number; readonly why: Why }[], context: Pick<JobContext, 'signal' | 'progress'>): Promise<Map[]> {
  const maps: Map[] = [];
  for (const { index, why } of chosen) {
    context.progress({ stage: 'Explain decisions', done: maps.length, total: chosen.length });
    const { feeds, label } = await reader.read(index);
    const picture = pictureIn(feeds);
    if (picture) maps.push({ ...await mapOf(runner, model, feeds, picture, context.signal), sample: reader.names[index] ?? '', label, why, pngBase64: await pngOf(picture) });
  }
  return maps;
}

async function mapOf(runner: BatchRunner, model: PredictedModel, feeds: Feeds, { input, tensor, axes }: Picture, signal: AbortSignal): Promise<Omit<OcclusionMap, 'sample' | 'label' | 'why'>> {
  const read = readSaid(model);
  const numbers = writableNumbers(tensor);
  const [whole] = await runBatch(runner, [feeds], read);
  if (!whole || numbers === null) throw new AppError('INTERNAL', 'A picture was to be covered that is none.');
  const plan = planOcclusion(axes);
  const fill = channelMeans(numbers, axes);
  const losses: number[] = [], changed: boolean[] = [];
  for (let from = 0; from < plan.patches.length; from += batchSize) {
    signal.throwIfAborted();
    const covered = Array.from({ length: Math.min(batchSize, plan.patches.length - from) }, (_, at): Feeds => ({ ...feeds, [input]: { ...tensor, data: occluded(numbers, axes, plan, from + at, fill) } }));
    for (const said of await runBatch(runner, covered, read)) {
      const loss = (whole.scores[whole.index] ?? 0) - (said.scores[whole.index] ?? 0);
      losses.push(model.answers.task === 'regression' ? Math.abs(loss) : loss);
      changed.push(model.answers.task !== 'regression' && said.decision !== whole.decision);
    }
  }
  const { losses: grid, changes } = attribute(plan, losses, changed);
  return { predicted: whole.decision, score: whole.scores[whole.index] ?? 0, height: axes.height, width: axes.width, cellPixels: plan.cellPixels, losses: grid, changes };
}

/** What the model was given, in gray. */
async function pngOf({ tensor, axes }: Picture): Promise<string> {
  const gray = grayPicture(writableNumbers(tensor) ?? [], axes);
  const png = imageLibrary()(Buffer.from(gray), { raw: { width: axes.width, height: axes.height, channels: 1 } });
  const small = Math.max(axes.width, axes.height) > mostPixelsASide ? png.resize(mostPixelsASide, mostPixelsASide, { fit: 'inside' }) : png;
  return (await small.toColourspace('b-w').png({ compressionLevel: 9 }).toBuffer()).toString('base64');
}
