// What a model answers for each sample of a batch: a class name, or a number for regression.
import type { Task } from '#shared/contract/datasets';
import { AppError } from '#shared/errors';
import type { TensorValue } from '#shared/tensor';
import { decide, findScores, scoresPerSample, type ThresholdRule } from './decision.ts';

export interface Answer {
  /** Class name, or the number as text. */
  readonly predicted: string;
  /** Largest class score; null where the model gives none, and for regression. */
  readonly score: number | null;
}
export interface AnswerOptions {
  readonly task: Task;
  /** Class names in the order of the scores: the model's own, or the data's where the model has none. */
  readonly classes: readonly string[];
  /** Whether `classes` come from the model itself. */
  readonly fromModel: boolean;
  /** Of two classes, where a threshold decides. */
  readonly rule?: ThresholdRule | null;
}

/** Throws BAD_DATA where classes and scores do not go together, MODEL_UNSUPPORTED where no output is a decision. */
export function answersOf(outputs: Readonly<Record<string, TensorValue>>, batch: number, options: AnswerOptions): Answer[] {
  return options.task === 'regression' ? numbersOf(outputs, batch) : classesOf(outputs, batch, options);
}

function numbersOf(outputs: Readonly<Record<string, TensorValue>>, batch: number): Answer[] {
  const value = Object.values(outputs).find((output) => isNumeric(output) && output.data.length === batch);
  if (!value) throw new AppError('MODEL_UNSUPPORTED', 'No output of the model gives one number a sample, which a regression needs.', { hint: 'Set task in dataset.yaml to what the model does.' });
  return Array.from({ length: batch }, (_, row) => ({ predicted: String(Number(value.data[row])), score: null }));
}

const isNumeric = ({ type }: TensorValue): boolean => type === 'float32' || type === 'float64' || type === 'int64' || type === 'int32';
/** One label a sample, as scikit-learn exports give beside the probabilities. */
const isLabelColumn = ({ type, data }: TensorValue, batch: number): boolean => (type === 'string' || type === 'int64' || type === 'int32') && data.length === batch;

function classesOf(outputs: Readonly<Record<string, TensorValue>>, batch: number, { classes, fromModel, rule = null }: AnswerOptions): Answer[] {
  const scoresName = findScores(outputs, batch);
  const scores = scoresName === null ? null : outputs[scoresName] ?? null;
  const width = scores ? scoresPerSample(scores, batch) ?? 0 : 0;
  const labelled = Object.values(outputs).find((output) => isLabelColumn(output, batch));
  // Scores are floating by findScores; the union of arrays hides it.
  const values = scores?.data as ArrayLike<number> | undefined;
  if (labelled && rule === null) {
    return Array.from({ length: batch }, (_, row) => {
      const answer = String(labelled.data[row]);
      return { predicted: named(answer, classes, fromModel), score: values && width > 1 ? values[row * width + decide(values, row * width, width).index] ?? null : null };
    });
  }
  if (labelled && !values) throw new AppError('MODEL_UNSUPPORTED', 'A threshold is set, but the model gives labels and no scores that it could be set on.', { hint: 'Export the model with its probabilities, or take the threshold off.' });
  if (!values) throw new AppError('MODEL_UNSUPPORTED', 'No output of the model gives class scores or a label for each sample.', { hint: 'Set task in dataset.yaml to what the model does; classification and regression are judged here.' });
  const count = Math.max(2, width);
  if (classes.length > count || (classes.length < count && !classes.every((name, index) => name === String(index)))) {
    throw new AppError('BAD_DATA', `The model gives ${count} class scores, but the ${fromModel ? 'model names' : 'data has'} ${classes.length} classes.`, { hint: 'List the class names in the order of the model\'s outputs as `labels` in dataset.yaml.' });
  }
  return Array.from({ length: batch }, (_, row) => {
    const { index } = decide(values, row * width, width, rule);
    return { predicted: classes[index] ?? String(index), score: values[row * width + (width > 1 ? index : 0)] ?? null };
  });
}

/** A label that is a plain index into names of other kinds means that name; a label that is a name is itself. */
function named(answer: string, classes: readonly string[], fromModel: boolean): string {
  if (fromModel || classes.includes(answer)) return answer;
  return /^\d+$/.test(answer) ? classes[Number(answer)] ?? answer : answer;
}
