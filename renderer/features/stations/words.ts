// Words and reading of the main job: its steps, and where a running one stands.
import { commissionSteps, type CommissionOutput, type CommissionStep, type StationRecord } from '#shared/contract/stations';
import type { JobRecord } from '#shared/contract/jobs';
import type { Progress } from '#shared/progress';
import type { Tone } from '../../ui/Status.tsx';

export const stepWords: Readonly<Record<CommissionStep, { readonly name: string; readonly what: string }>> = {
  machine: { name: 'Machine', what: 'Preflight and fingerprint' }, import: { name: 'Import', what: 'Model checked and registered' }, seal: { name: 'Seal', what: 'Data checked, sealed, overlap blocked' }, quantize: { name: 'Optimise', what: 'Candidates measured against the original' },
  compare: { name: 'Compare', what: 'Every decision that changed' }, validate: { name: 'Validate', what: 'Against limits locked beforehand' }, bench: { name: 'Benchmark', what: 'Latency against the takt' }, evidence: { name: 'Evidence', what: 'Signed report' },
};

export const stationTone = (station: StationRecord): Tone => (station.status === 'commissioned' ? (station.verdict === 'PASS' ? 'ok' : 'warn') : station.status === 'failed' ? 'bad' : 'dim');
export const stationWord = (station: StationRecord): string => (station.status === 'commissioned' ? 'Commissioned' : station.status === 'failed' ? 'Failed its limits' : 'Not commissioned');

/** Whether a job commissioned (or commissions) the station, from the console or from the terminal. */
export function isRunOf(job: JobRecord, station: Pick<StationRecord, 'id' | 'name'>): boolean {
  if (job.op !== 'stations.commission') return false;
  const holds = (value: unknown, key: string, wanted: string) => typeof value === 'object' && value !== null && Reflect.get(value, key) === wanted;
  return holds(job.input, 'stationId', station.id) || holds(job.output, 'stationId', station.id) || holds(job.input, 'station', station.name);
}

export interface StepView { readonly step: CommissionStep; readonly state: 'waiting' | 'now' | 'done' | 'warn' | 'failed' | 'skipped'; readonly text: string; readonly durationMs: number | null }

/** Which step a stage ("Quantize: candidate 2") speaks of: by its head, the name at its start first, else a word in it. */
export function stepOfStage(stage: string): CommissionStep | null {
  const low = (stage.split(':')[0] ?? '').toLowerCase();
  const words: Readonly<Record<CommissionStep, RegExp>> = { machine: /\b(machine|preflight)/, import: /\bimport/, seal: /\b(seal|check(ing)? (the )?data)/, quantize: /\b(quanti[sz]|optimi[sz]|calibrat)/, compare: /\bcompar/, validate: /\bvalidat/, bench: /\b(bench|measur)/, evidence: /\b(evidence|report|sign)/ };
  return commissionSteps.find((step) => low.startsWith(step)) ?? commissionSteps.find((step) => words[step].test(low)) ?? null;
}

/** The eight steps as they stand: from the finished output, else from the stage of the running job. */
export function viewSteps(output: CommissionOutput | null, progress: Progress | null, running: boolean): readonly StepView[] {
  if (output) return commissionSteps.map((step) => {
    const found = output.steps.find((each) => each.step === step);
    return { step, state: found?.status ?? 'skipped', text: found?.summary ?? stepWords[step].what, durationMs: found?.durationMs ?? null };
  });
  const now = progress ? stepOfStage(progress.stage) : null;
  const at = now === null ? -1 : commissionSteps.indexOf(now);
  return commissionSteps.map((step, index) => ({ step, state: at < 0 ? 'waiting' : index < at ? 'done' : index === at && running ? 'now' : 'waiting', text: index === at && running && progress ? progress.stage : stepWords[step].what, durationMs: null }));
}
