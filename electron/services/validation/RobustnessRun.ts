// What the runs on disturbed samples are given, and what they keep where they are stopped.
import type { Interval, Limit } from '#shared/contract/validation';
import type { DetectorSpec } from '#core/datasets/detectorSpec';
import type { TaskSamples } from '#core/statistics/taskFigures';
import type { JobContext } from '../Services.ts';
import type { Disturbed } from './disturbances.ts';
import type { Predictions } from './predictSamples.ts';

/** A figure at one severity; null where it cannot be told there. */
export type FigureAt = { readonly value: number; readonly interval: Interval | null } | null;
export interface Point { readonly disturbed: Disturbed; readonly severity: number }
export interface RobustnessState { readonly predictions: Predictions; /** Of tasks beside classification and regression, in the order of the points. */ readonly points: readonly FigureAt[] }

export interface RobustnessRun {
  readonly limits: readonly Limit[];
  /** What was found on the undisturbed samples; null where there is nothing to judge by. */
  readonly answers: readonly { readonly predicted: string }[] | null;
  readonly samples: TaskSamples | null;
  readonly detector: DetectorSpec | undefined;
  readonly state: RobustnessState;
  readonly save: (state: RobustnessState) => void;
}
export type RobustnessContext = Pick<JobContext, 'signal' | 'killSignal' | 'progress'>;
