// Every job the host knows, newest first, followed live; the host owns the truth.
import type { Call } from '#shared/contract/index';
import type { JobRecord, JobState } from '#shared/contract/jobs';

export const activeStates: readonly JobState[] = ['queued', 'running', 'cancelling'];
export const isActive = (job: JobRecord): boolean => activeStates.includes(job.state);

/** Newest first by creation; a job that is seen again replaces its older record. */
export function mergeJob(jobs: readonly JobRecord[], job: JobRecord): readonly JobRecord[] {
  const index = jobs.findIndex((each) => each.id === job.id);
  if (index >= 0) return jobs.map((each, at) => (at === index ? job : each));
  return [job, ...jobs].sort((a, b) => (a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : 0));
}

/** A stage that a job was seen in, and when; kept by the page, so that a person sees how far it came and what took long. */
export interface StageSeen { readonly stage: string; readonly atMs: number; /** Its present pass. */ readonly pace: StagePace }
/** The stage's latest progress, when it came, and since when how much of it was seen being done. A stage that counts from the start again, or towards another end, is a new pass. */
export interface StagePace { readonly fromMs: number; readonly from: number; readonly done: number; readonly total: number }
/** Adds what a record tells of its stage to what was seen. */
export function withStage(seen: readonly StageSeen[], job: JobRecord, nowMs: number): readonly StageSeen[] {
  if (job.state !== 'running' || !job.progress) return seen;
  const { stage, done, total } = job.progress;
  const last = seen.at(-1);
  const fresh: StagePace = { fromMs: nowMs, from: done, done, total };
  if (last?.stage !== stage) return [...seen, { stage, atMs: nowMs, pace: fresh }];
  const { pace } = last;
  if (pace.done === done && pace.total === total) return seen;
  return [...seen.slice(0, -1), { ...last, pace: done < pace.done || total !== pace.total ? fresh : { ...pace, done } }];
}

/** A pace is known once this share of the stage was seen being done, over this time, and only where the page saw it from near its start: what came before may have been faster. */
const paceKnown = { share: 0.03, ms: 2000, startedBy: 0.05 } as const;
/** How long the rest of the stage takes at its own pace; null where that cannot be told. The stages after it are not known. */
export function restOfStageMs({ fromMs, from, done, total }: StagePace, nowMs: number): number | null {
  const spentMs = nowMs - fromMs;
  if (total <= 0 || from > total * paceKnown.startedBy || done >= total || done - from < total * paceKnown.share || done <= from || spentMs < paceKnown.ms) return null;
  return (spentMs * (total - done)) / (done - from);
}

export interface JobStore {
  jobs(): readonly JobRecord[];
  subscribe(listener: () => void): () => void;
  stagesOf(id: string): readonly StageSeen[];
  /** Reads the list and follows it until the returned function is called. */
  follow(): () => void;
}

const noStages: readonly StageSeen[] = [];
export function createJobStore(call: Call, nowMs: () => number = Date.now): JobStore {
  let jobs: readonly JobRecord[] = [];
  const listeners = new Set<() => void>();
  const stages = new Map<string, readonly StageSeen[]>();
  const set = (next: readonly JobRecord[]) => {
    for (const job of next) if (isActive(job)) stages.set(job.id, withStage(stages.get(job.id) ?? noStages, job, nowMs())); else stages.delete(job.id);
    jobs = next;
    listeners.forEach((listener) => listener());
  };
  return {
    jobs: () => jobs,
    stagesOf: (id) => stages.get(id) ?? noStages,
    subscribe: (listener) => { listeners.add(listener); return () => listeners.delete(listener); },
    follow() {
      const controller = new AbortController();
      const { signal } = controller;
      call('jobs.watch', {}, { signal, onEvent: (job) => set(mergeJob(jobs, job)) }).catch(() => undefined); // the shell shows a lost connection; follow() runs again then
      call('jobs.list', { limit: 200 }, { signal }).then((list) => set(list.reduce(mergeJob, jobs.filter((job) => !list.some((each) => each.id === job.id)))), () => undefined);
      return () => controller.abort();
    },
  };
}
