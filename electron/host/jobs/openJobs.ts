// The jobs of a data folder as this host sees them: starts, queues, cancels, resumes, and takes note of what other hosts do.
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '#shared/errors';
import type { JobRecord } from '#shared/contract/jobs';
import type { Lane } from '#shared/contract/operation';
import type { JobContext, Logger } from '#services/Services';
import { checkpointPlace } from '#services/store/checkpointSeals';
import type { OpenStore } from '#services/store/openStore';
import { jobTable, type LogLine } from './jobTable.ts';
import { startable } from './lanes.ts';
import { registerOwner } from './owners.ts';
import { createUnstoredEndings } from './unstoredEndings.ts';
import { makeWorkDir, markOrphans, sweepAfter, sweepWorkDirs } from './recoverJobs.ts';
import { runJobAttempt, type Ending, type RunningJob } from './runningJob.ts';

/** What jobs need to know of an operation; `prepare` checks the input and may throw. */
export interface JobKind {
  readonly title: string;
  readonly lane: Lane;
  prepare(input: unknown): { readonly subject: string; run(context: JobContext): Promise<unknown> };
}

export interface Jobs {
  start(op: string, input: unknown): JobRecord;
  get(id: string): JobRecord;
  list(limit: number): JobRecord[];
  log(id: string): LogLine[];
  cancel(id: string, force: boolean): JobRecord;
  resume(id: string): JobRecord;
  /** Tells each changed record until the returned function is called. */
  watch(listener: (record: JobRecord) => void): () => void;
  /** Resolves when what dead hosts left has been cleaned up. */
  readonly recovered: Promise<void>;
  /** Interrupts what runs here (with its checkpoint) and leaves. */
  close(): Promise<void>;
}

export interface JobsOptions {
  readonly dataDir: string;
  readonly store: OpenStore;
  readonly clock: () => number;
  readonly log: Logger;
  readonly kindOf: (op: string) => JobKind;
}

const beatMs = 2000;
const closeGraceMs = 5000;

export function openJobs({ dataDir, store, clock, log, kindOf }: JobsOptions): Jobs {
  const table = jobTable(store.database, store.jobSeals, clock);
  const owners = registerOwner(store.database, clock);
  const running = new Map<string, RunningJob>();
  let closing = false;
  let lastRecovery: Promise<void> = Promise.resolve();

  const workDirOf = (id: string) => join(dataDir, 'jobs', id);
  const unstored = createUnstoredEndings();
  const told = (id: string) => {
    try { store.changed('jobs', id); } catch (error) { log.warn('Others could not be told of a job.', { jobId: id, error: String(error) }); }
  };
  const found = (id: string): JobRecord => {
    const record = unstored.over(table.get(id));
    if (!record) throw new AppError('NOT_FOUND', `There is no job ${id}.`, { hint: '`millwright jobs list` shows the jobs.' });
    return record;
  };

  const storeEnd = (id: string, ending: Ending) => store.atomically(() => {
    if (ending.state === 'done') table.setOutput(id, ending.output);
    if (ending.state === 'failed') table.setError(id, ending.error);
    table.move(id, ['running', 'cancelling'], ending.state);
  });

  const finish = async (id: string, ending: Ending) => {
    try {
      // Before its end is seen, and stored: nothing goes on from it, and it may be what fills the disk.
      if (ending.state === 'done' || table.checkpointOf(id) === null) await rm(workDirOf(id), { recursive: true, force: true }).catch(() => undefined);
      storeEnd(id, ending);
    } catch (error) {
      unstored.keep(id, ending, error);
      throw error; // into the log
    } finally {
      running.delete(id);
      told(id);
    }
    schedule();
  };

  /** A checkpoint that Millwright did not write is never gone on from: the job says so, the audit trail keeps it, and the job starts over. */
  const refuseForeignCheckpoint = (id: string) => {
    const fault = store.jobSeals.faultOf(id);
    if (fault === null) return;
    table.dropCheckpoint(id);
    table.addLog(id, [{ at: clock(), line: `CHECKPOINT_TAMPERED: the checkpoint of this job is not used, the job starts over. ${fault} Find out who had access to the data folder.` }]);
    store.audit.append({ actor: 'Millwright', action: 'store.tampered', subject: checkpointPlace(id), detail: { message: fault } });
    log.warn('A checkpoint was not used: it is not one that Millwright wrote.', { jobId: id, fault });
  };

  const begin = (id: string) => {
    const record = found(id);
    refuseForeignCheckpoint(id);
    const attempt = runJobAttempt({
      id, workDir: workDirOf(id), table, log, clock, told: () => told(id),
      run: async (context) => {
        makeWorkDir(dataDir, id);
        context.signal.throwIfAborted();
        return kindOf(record.op).prepare(record.input).run(context);
      },
      end: (ending) => finish(id, ending),
    });
    running.set(id, attempt);
    told(id);
  };

  const schedule = () => {
    if (closing) return;
    const started = store.atomically(() => {
      const active = table.active().filter((job) => owners.isAlive(job.owner));
      const mine = new Set(active.filter((job) => job.owner === owners.id).map((job) => job.id));
      return startable(active.map(({ id, lane, state }) => ({ id, lane, running: state !== 'queued' })))
        .filter((id) => mine.has(id) && table.move(id, ['queued'], 'running'));
    });
    started.forEach(begin);
  };

  const tick = () => {
    try {
      owners.beat();
      for (const id of unstored.store((job, ending) => {
        storeEnd(job, ending);
        if (!existsSync(workDirOf(job))) table.dropCheckpoint(job); // it was done, so that nothing is left to go on from
      })) told(id);
      const orphans = markOrphans(table, owners);
      orphans.forEach((record) => told(record.id));
      if (orphans.length > 0) lastRecovery = sweepAfter(dataDir, orphans);
      schedule();
    } catch (error) {
      log.warn('The job table could not be looked after.', { error: String(error) });
    }
    // A process with work in hand must not end because nothing else keeps its event loop busy; nor one whose job waits for another process.
    const waits = () => table.active().some((job) => job.owner === owners.id && job.state === 'queued');
    if (running.size > 0 || waits()) heartbeat.ref(); else heartbeat.unref();
  };
  const heartbeat = setInterval(tick, beatMs);
  heartbeat.unref();

  const stopListening = store.onChange(({ noun, id }) => {
    if (noun !== 'jobs' || id === null || closing) return;
    const mine = running.get(id);
    const asked = mine ? table.cancelAsked(id) : 0;
    if (asked > 0) mine?.cancel(asked, 'cancelled');
    if (!mine) schedule();
  });

  const queue = (id: string): JobRecord => {
    heartbeat.ref();
    told(id);
    schedule();
    return found(id);
  };

  const orphans = markOrphans(table, owners);
  orphans.forEach((record) => told(record.id));
  const recovered = sweepAfter(dataDir, orphans).then(() => sweepWorkDirs(dataDir, table)).catch((error: unknown) => log.warn('Left-over files could not be swept.', { error: String(error) }));

  return {
    recovered,
    start(op, input) {
      const kind = kindOf(op);
      const { subject } = kind.prepare(input);
      const id = randomUUID();
      table.insert({ id, op, title: kind.title, subject, lane: kind.lane, input }, owners.id);
      return queue(id);
    },
    get: found,
    list: (limit) => table.list(limit).map((record) => unstored.over(record)),
    log: (id) => { found(id); return table.log(id); },
    cancel(id, force) {
      const record = found(id);
      if (record.state === 'queued' && table.move(id, ['queued'], 'cancelled')) {
        told(id);
        schedule();
        return found(id);
      }
      if (record.state !== 'running' && record.state !== 'cancelling') return record;
      const level = force || record.state === 'cancelling' ? 2 : 1;
      store.atomically(() => {
        table.askCancel(id, level);
        table.move(id, ['running'], 'cancelling');
      });
      running.get(id)?.cancel(level, 'cancelled');
      told(id);
      return found(id);
    },
    resume(id) {
      const record = found(id);
      kindOf(record.op).prepare(record.input);
      if (!table.requeue(id, owners.id)) {
        throw record.state === 'done'
          ? new AppError('BAD_USAGE', 'The job is done; there is nothing to resume.', { hint: '`millwright jobs show` prints its result.' })
          : new AppError('BUSY', `The job is ${record.state} and cannot be resumed now.`);
      }
      return queue(id);
    },
    watch: (listener) => store.onChange(({ noun, id }) => {
      const record = noun === 'jobs' && id !== null ? unstored.over(table.get(id)) : null;
      if (record) listener(record);
    }),
    async close() {
      if (closing) return;
      closing = true;
      clearInterval(heartbeat);
      stopListening();
      for (const job of table.active()) if (job.owner === owners.id && job.state === 'queued' && table.move(job.id, ['queued'], 'interrupted')) told(job.id);
      const all = Promise.all([...running.values()].map((job) => job.ended));
      for (const job of running.values()) job.cancel(1, 'interrupted');
      const patience = setTimeout(() => { for (const job of running.values()) job.cancel(2, 'interrupted'); }, closeGraceMs);
      await all;
      clearTimeout(patience);
      await Promise.all([recovered, lastRecovery]);
      owners.leave();
    },
  };
}
