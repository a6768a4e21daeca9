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
export interface StageSeen { readonly stage: string; readonly atMs: number }
/** Adds the stage of a record to what was seen, when it is a new one. */
export function withStage(seen: readonly StageSeen[], job: JobRecord, nowMs: number): readonly StageSeen[] {
  const stage = job.state === 'running' ? job.progress?.stage : undefined;
  return stage === undefined || seen.at(-1)?.stage === stage ? seen : [...seen, { stage, atMs: nowMs }];
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
