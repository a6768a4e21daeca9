// The exit code that the output of a job asks for, also where the job was resumed: 1 where a limit failed or a check found something.
import type { JobName, OutputOf } from '#shared/contract/index';
import type { ValidationOutput } from '#shared/contract/validation';

type Exit = 0 | 1;

/** A limit that was not measured is not passed; a run without any limits only measures. */
const exitOfVerdict = ({ verdict, limits }: Pick<ValidationOutput, 'verdict' | 'limits'>): Exit => (verdict === 'FAIL' || limits.some((limit) => limit.verdict === 'NOT MEASURED') ? 1 : 0);

/** Jobs that are not named here have nothing to fail at but an error. */
const exits = {
  'validation.run': exitOfVerdict,
  'benchmarks.run': ({ taktVerdict }: OutputOf<'benchmarks.run'>): Exit => (taktVerdict?.verdict === 'FAIL' ? 1 : 0),
  'stations.commission': ({ verdict }: OutputOf<'stations.commission'>): Exit => (verdict === 'PASS' || verdict === 'PASS WITH DEVIATIONS' ? 0 : 1),
  'serving.replay': ({ different, failed }: OutputOf<'serving.replay'>): Exit => (different + failed > 0 ? 1 : 0),
  'serving.reconcile': (views: OutputOf<'serving.reconcile'>): Exit => (views.every(({ state, desired }) => state === 'serving' || state === 'degraded' || desired === 'stopped') ? 0 : 1),
} satisfies { readonly [N in JobName]?: (output: OutputOf<N>) => Exit };

export function exitOfJob<N extends JobName>(op: N, output: OutputOf<N>): Exit;
/** Of a job as it is stored: its output was checked against the contract of `op` before. */
export function exitOfJob(op: string, output: unknown): Exit;
export function exitOfJob(op: string, output: unknown): Exit {
  const exit = Object.hasOwn(exits, op) ? exits[op as keyof typeof exits] as (output: unknown) => Exit : null; // the function of this operation
  return exit === null ? 0 : exit(output);
}
