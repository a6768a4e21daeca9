// Power loss: a host in a process of its own is killed in the middle of a job and of a file, and started again on the same data folder.
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { JobRecord } from '#shared/contract/jobs';
import type { Services } from '../Services.ts';
import type { WorkerProcess } from '../workers/WorkerLauncher.ts';
import { Mismatch } from './Trial.ts';

/** Files that the job of the trial host writes one after the other, each in parts with a pause: it is in the middle of one nearly all of the time. */
export const trialSteps = 4;
export const trialParts = { count: 8, bytes: 16 * 1024, pauseMs: 15 } as const;

export interface PowerLoss {
  /** Files that were whole when the process was killed. */
  readonly finished: number;
  /** Temporary files that lay there then, and after the next start. */
  readonly partialBefore: number;
  readonly partialAfter: number;
  /** The step from which the job went on. */
  readonly resumedFrom: number;
}

const deadlineMs = 15_000;
const stepFile = /^step-\d+\.bin$/;

/** A busy machine may deliver the kill between two files; that says nothing of the tool, so that it is tried again. */
const attempts = 5;

/** @throws Mismatch with what was not as it must be; AppError where a host does not start */
export async function powerLoss(services: Pick<Services, 'workers'>, folder: string): Promise<PowerLoss> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const loss = await killedAmid(services, join(folder, `power-loss-${attempt}`));
    if (loss !== null) return loss;
  }
  throw new Mismatch(`In ${attempts} attempts the process was killed between two files, so that nothing was proven.`);
}

/** Null where the kill did not come in the middle of a file. */
async function killedAmid({ workers }: Pick<Services, 'workers'>, dataDir: string): Promise<PowerLoss | null> {
  // A folder of the data folder, as models and evidence have one: what a dead process left there is swept at the next start.
  const output = join(dataDir, 'files');
  await mkdir(output, { recursive: true });
  const start = () => workers.launch({ program: 'trialHost', env: { MILLWRIGHT_TRIAL_DATA: dataDir } });
  const filesNow = async () => { const names = await readdir(output); return { whole: names.filter((name) => stepFile.test(name)), partial: names.filter((name) => !stepFile.test(name)) }; };

  const first = await start();
  let jobId: string;
  try {
    ({ jobId } = await first.call('datasets.seal', { data: { path: output } }) as { readonly jobId: string }); // a job answers its id
    await until(async () => { const { whole, partial } = await filesNow(); return whole.length >= 1 && whole.length < trialSteps && partial.length > 0; }, 'the job of the trial host did not write its files');
  } finally { first.kill(); }
  await first.exited;
  const killed = await filesNow();
  if (killed.partial.length === 0) return null;
  await requireWhole(output, killed.whole);

  const next = await start();
  try {
    const found = await jobOf(next, jobId);
    if (found.state !== 'interrupted' || !found.resumable) throw new Mismatch(`After the next start the job is ${found.state}${found.resumable ? '' : ' and cannot be resumed'}.`);
    await next.call('jobs.resume', { id: jobId });
    await until(async () => (await jobOf(next, jobId)).state === 'done', 'the job did not go on to its end');
    const done = await jobOf(next, jobId);
    const after = await filesNow();
    if (after.whole.length !== trialSteps || after.partial.length > 0) throw new Mismatch(`${after.whole.length} of ${trialSteps} files are there, and ${after.partial.length} temporary ones.`);
    await requireWhole(output, after.whole);
    const resumedFrom = (done.output as { readonly samples: number }).samples; // the trial host answers where it went on
    if (resumedFrom < 1) throw new Mismatch('The job began again instead of going on from its checkpoint.');
    return { finished: killed.whole.length, partialBefore: killed.partial.length, partialAfter: after.partial.length, resumedFrom };
  } finally { await next.end(); }
}

const jobOf = async (host: WorkerProcess, id: string): Promise<JobRecord> => await host.call('jobs.show', { id }) as JobRecord; // the operation answers this

async function requireWhole(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const bytes = await readFile(join(folder, name));
    const byte = Number(/\d+/.exec(name)?.[0]) + 1;
    if (bytes.length !== trialParts.count * trialParts.bytes || !bytes.every((each) => each === byte)) throw new Mismatch(`${name} is half-written.`);
  }
}

async function until(condition: () => Promise<boolean>, otherwise: string): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Mismatch(`Within ${deadlineMs / 1000} s ${otherwise}.`);
    await wait(5);
  }
}
