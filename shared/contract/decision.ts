// What turns the scores of a model into a decision: a threshold that a station has, and the decision that a run was judged with.
import { z } from 'zod';

/** Two classes: from this score of `positive` on a part is taken for it. Anomalies and boxes: from this score on one counts. */
export const thresholdSchema = z.object({
  value: z.number(),
  /** The class that is looked for; without it the one that the limits name, else the model's second. */
  positive: z.string().min(1).max(200).nullable().default(null),
});
export type Threshold = z.infer<typeof thresholdSchema>;

export const decisionSchema = z.object({
  task: z.enum(['classification', 'anomaly', 'detection']),
  /** Null: the largest score decides between classes; anomalies are only ranked. */
  threshold: z.number().nullable(),
  positive: z.string().nullable(),
  /** given: for this run · station: as the station has it · data: from dataset.yaml · model: none was set. */
  origin: z.enum(['given', 'station', 'data', 'model']),
});
export type Decision = z.infer<typeof decisionSchema>;

/** One line that is equal exactly where the decision is: what stale stamps compare, and what a person reads. */
export function describeDecision({ task, threshold, positive }: Pick<Decision, 'task' | 'threshold' | 'positive'>): string {
  switch (task) {
    case 'classification': return threshold === null ? 'the class with the largest score' : `${positive ?? ''} from a score of ${threshold}`;
    case 'anomaly': return threshold === null ? 'no threshold, scores are ranked' : `anomalous from a score of ${threshold}`;
    case 'detection': return `a box counts from a score of ${threshold ?? 0}`;
  }
}
