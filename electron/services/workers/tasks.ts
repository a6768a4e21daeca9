// The frozen table of tasks that worker processes run: every noun adds its line here.
import { abTask } from '../benchmarks/abTask.ts';
import { pointTask } from '../benchmarks/pointTask.ts';
import { profileTask } from '../benchmarks/profileTask.ts';
import { osStoreTask } from '../keystore/osStoreTask.ts';
import { listProvidersTask } from '../inference/listProvidersTask.ts';
import { compareCloseTask, compareOpenTask, compareResultTask, compareSampleTask, layersTask } from '../quantize/compareTasks.ts';
import { histogramOpenTask, histogramResultTask, histogramSampleTask } from '../quantize/histogramTasks.ts';
import { observeCloseTask, observeOpenTask, observeSampleTask } from '../quantize/observeTasks.ts';
import { pairSumsTask } from '../quantize/pairSumsTask.ts';
import { prepareTask } from '../quantize/prepareTask.ts';
import { streamTask } from '../quantize/streamTask.ts';
import { adjustTask, useVariantTask } from '../quantize/variants.ts';
import { writeTask } from '../quantize/writeTask.ts';
import { closeSessionTask, openSessionTask, runSessionTask } from '../inference/sessionTasks.ts';
import type { Task } from './Task.ts';

export const tasks = {
  'benchmarks.ab': abTask,
  'benchmarks.point': pointTask,
  'benchmarks.profile': profileTask,
  'inference.providers': (_input: object) => listProvidersTask(),
  'keystore.step': osStoreTask,
  'quantize.prepare': prepareTask,
  'quantize.adjust': adjustTask,
  'quantize.useVariant': useVariantTask,
  'quantize.observeOpen': observeOpenTask,
  'quantize.observeSample': observeSampleTask,
  'quantize.observeClose': observeCloseTask,
  'quantize.histogramOpen': histogramOpenTask,
  'quantize.histogramSample': histogramSampleTask,
  'quantize.histogramResult': histogramResultTask,
  'quantize.stream': streamTask,
  'quantize.write': writeTask,
  'quantize.pairSums': pairSumsTask,
  'quantize.compareOpen': compareOpenTask,
  'quantize.compareSample': compareSampleTask,
  'quantize.compareResult': compareResultTask,
  'quantize.compareClose': compareCloseTask,
  'quantize.layers': layersTask,
  'session.open': openSessionTask,
  'session.run': runSessionTask,
  'session.close': closeSessionTask,
} as const;

type Tasks = typeof tasks;
export type TaskName = keyof Tasks;
export type TaskInput<N extends TaskName> = Tasks[N] extends Task<infer I, unknown> ? I : never;
export type TaskOutput<N extends TaskName> = Awaited<ReturnType<Tasks[N]>>;
