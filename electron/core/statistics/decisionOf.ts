// Which decision a run is judged with: the threshold that was named, else the station's, else that of the data, else the model's own.
import type { Decision, Threshold } from '#shared/contract/decision';
import type { Task } from '#shared/contract/datasets';
import { AppError } from '#shared/errors';
import type { DetectorSpec } from '../datasets/detectorSpec.ts';

export interface DecisionFacts {
  readonly task: Task;
  /** In the order of the scores. */
  readonly classes: readonly string[];
  /** Named for this run. */
  readonly given?: Threshold | null | undefined;
  readonly station?: Threshold | null | undefined;
  readonly detector?: DetectorSpec | undefined;
  /** The class that the limits name. */
  readonly positive?: string | null | undefined;
}

/** Null for tasks that decide nothing by a threshold that can be set. @throws BAD_INPUT where a threshold does not fit the task or its classes */
export function decisionOf({ task, classes, given, station, detector, positive = null }: DecisionFacts): Decision | null {
  const set = given ?? station ?? null;
  const origin = given ? 'given' as const : station ? 'station' as const : 'model' as const;
  switch (task) {
    case 'classification': {
      if (set === null) return { task, threshold: null, positive: null, origin };
      if (classes.length !== 2) throw new AppError('BAD_INPUT', `A threshold decides between two classes, and here are ${classes.length}.`, { hint: 'Take the threshold off: the class with the largest score is then taken.' });
      const wanted = set.positive ?? positive ?? classes[1] ?? '';
      if (!classes.includes(wanted)) throw new AppError('BAD_INPUT', `The threshold is on "${wanted}", which is no class here: there are ${classes.join(' and ')}.`, { hint: 'Name one of them as the positive class.' });
      checkShare(set.value);
      return { task, threshold: set.value, positive: wanted, origin };
    }
    case 'anomaly': return { task, threshold: set?.value ?? null, positive: null, origin };
    case 'detection': {
      if (set !== null) checkShare(set.value);
      return { task, threshold: set?.value ?? detector?.score ?? 0.5, positive: null, origin: set === null && detector !== undefined ? 'data' : origin };
    }
    case 'regression': case 'multilabel': case 'segmentation': case 'embedding':
      if (given) throw new AppError('BAD_INPUT', `The task is ${task}, in which no threshold decides.`);
      return null;
  }
}

function checkShare(value: number): void {
  if (!(value >= 0 && value <= 1)) throw new AppError('BAD_INPUT', `The threshold is ${value}, but scores of this task go from 0 to 1.`);
}
