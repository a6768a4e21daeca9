// What a model answers for each sample of a batch: a class name, or a number for regression.
import type { Task } from '#shared/contract/datasets';
import { AppError } from '#shared/errors';
import type { TensorValue } from '#shared/tensor';
import { decide, findScores, scoresPerSample, type ThresholdRule } from './decision.ts';

export interface Answer {
  /** Class name, or the number as text. */
  readonly predicted: string;
  /** Score of that class; null where the model gives none, and for regression. */
  readonly score: number | null;
  /** Of all classes in their order, where they are asked for. Those of float32 have nine digits, which tell each from every other. */
  readonly scores?: number[] | undefined;
}
export interface AnswerOptions {
  readonly task: Task;
  /** Class names in the order of the scores: the model's own, or the data's where the model has none. */
  readonly classes: readonly string[];
  /** Whether `classes` come from the model itself. */
  readonly fromModel: boolean;
  /** Keep the scores of all classes: the areas under ROC curves need them. */
  readonly keepScores?: boolean;
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

function classesOf(outputs: Readonly<Record<string, TensorValue>>, batch: number, { classes, fromModel, keepScores = false, rule = null }: AnswerOptions): Answer[] {
  const scoresName = findScores(outputs, batch);
  const scores = scoresName === null ? null : outputs[scoresName] ?? null;
  const width = scores ? scoresPerSample(scores, batch) ?? 0 : 0;
  const labelled = Object.values(outputs).find((output) => isLabelColumn(output, batch));
  // Scores are floating by findScores; the union of arrays hides it.
  const values = scores?.data as ArrayLike<number> | undefined;
  const all = (row: number): Pick<Answer, 'scores'> => {
    if (!keepScores || !values || width !== (classes.length === 2 && width === 1 ? 1 : classes.length)) return {};
    const kept = Array.from({ length: width }, (_, at) => { const score = values[row * width + at] ?? 0; return scores?.type === 'float32' ? Number(score.toPrecision(9)) : score; });
    const [only = 0] = kept;
    // Of a single score, the probability of the second class, the first has the rest; a single logit has no partner.
    return width > 1 ? { scores: kept } : only >= 0 && only <= 1 ? { scores: [1 - only, only] } : {};
  };
  if (labelled && rule === null) {
    return Array.from({ length: batch }, (_, row) => {
      const predicted = named(String(labelled.data[row]), classes, fromModel);
      const most = values && width > 1 ? decide(values, row * width, width).index : null;
      // Columns whose largest is not the label that the model gives may stand in another order than the classes: they are not taken for theirs.
      return { predicted, score: most === null ? null : values?.[row * width + most] ?? null, ...(most !== null && classes[most] === predicted ? all(row) : {}) };
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
    const score = values[row * width + (width > 1 ? index : 0)] ?? null;
    return { predicted: classes[index] ?? String(index), score: width === 1 && index === 0 && score !== null && score >= 0 ? 1 - score : score, ...all(row) };
  });
}

/** A label that is a plain index into names of other kinds means that name; a label that is a name is itself. */
function named(answer: string, classes: readonly string[], fromModel: boolean): string {
  if (fromModel || classes.includes(answer)) return answer;
  return /^\d+$/.test(answer) ? classes[Number(answer)] ?? answer : answer;
}
