// One sentence for each step of the main job, from what the step gave.
import type { OutputOf } from '#shared/contract/index';
import { keepsTakt, sayTakt } from '#shared/taktSentence';
import type { Preflight } from '#shared/contract/machine';
import type { StepReport } from './stepRunner.ts';

type Line = Pick<StepReport, 'status' | 'summary'>;
const count = (n: number, one: string, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;
const kib = (bytes: number) => (bytes >= 1024 ** 2 ? `${(bytes / 1024 ** 2).toFixed(1)} MiB` : `${Math.ceil(bytes / 1024)} KiB`);
const short = (hash: string) => hash.slice(0, 12);

export function machine({ preflight, cpu }: { preflight: readonly Preflight[]; cpu: { model: string } }): Line {
  const failed = preflight.filter((check) => check.status === 'fail');
  const warned = preflight.filter((check) => check.status === 'warn');
  const good = preflight.filter((check) => check.status === 'pass').length;
  const worst = failed[0] ?? warned[0];
  return { status: worst ? 'warn' : 'done', summary: `${cpu.model}; ${good} of ${preflight.length} checks pass${worst ? `; ${worst.status}: ${worst.title}` : ''}` };
}

export const imported = ({ model, sizeBytes, opset, changes }: { model: string; sizeBytes: number; opset: Readonly<Record<string, number>>; changes: readonly string[] }): Line =>
  ({ status: 'done', summary: `${model}, ${kib(sizeBytes)}, opset ${opset[''] ?? opset['ai.onnx'] ?? 'unknown'}${changes.length > 0 ? `; ${count(changes.length, 'change')} on import` : ''}` });

export const sealed = ({ samples, manifestSha256, calibrationId, labelled, defaultLimits }: { samples: number; manifestSha256: string; calibrationId: string | null; labelled: boolean; defaultLimits: boolean }): Line => {
  const remarks = [...(calibrationId === null ? ['no calibration data'] : []), ...(labelled ? [] : ['no labels']), ...(defaultLimits ? ['default limits'] : [])];
  return { status: remarks.length > 0 ? 'warn' : 'done', summary: `${count(samples, 'sample')} sealed as ${short(manifestSha256)}${remarks.length > 0 ? `; ${remarks.join(', ')}` : ''}` };
};

export const quantized = ({ keptOriginal, recipe, ratio, candidates }: OutputOf<'models.quantize'>): Line => {
  if (keptOriginal) return { status: 'warn', summary: `The original is kept: none of ${count(candidates.length, 'candidate')} is both faster and within the drop allowed` };
  const chosen = candidates.find((candidate) => candidate.chosen);
  const speed = chosen?.latencyRatio ? `, ${(1 / chosen.latencyRatio).toFixed(2)} times as fast` : '';
  return { status: 'done', summary: `${recipe}: ${ratio > 1 ? ratio.toFixed(2) : (1 / ratio).toFixed(2)} times smaller${speed}` };
};

export const compared = ({ samples, flips, sqnrDb, bitExact }: OutputOf<'models.compare'>): Line =>
  ({ status: 'done', summary: bitExact ? `All outputs of ${count(samples, 'sample')} are bit-identical` : `${flips.length} of ${samples} decisions changed${sqnrDb === null ? '' : `; SQNR ${sqnrDb.toFixed(1)} dB`}` });

export const validated = ({ verdict, limits, accuracy, exploratory }: OutputOf<'validation.run'>): Line => {
  const passed = limits.filter((limit) => limit.verdict === 'PASS').length;
  return { status: verdict === 'PASS' ? 'done' : verdict === 'FAIL' ? 'failed' : 'warn', summary: `${verdict}: ${passed} of ${count(limits.length, 'limit')} passed${accuracy ? `; accuracy ${(accuracy.accuracy * 100).toFixed(2)} %` : ''}${exploratory ? '; exploratory' : ''}` };
};

export const benched = ({ best, points, taktVerdict }: OutputOf<'benchmarks.run'>): Line => {
  const point = best ?? points[0];
  if (!point) return { status: 'warn', summary: 'Nothing could be measured' };
  const takt = taktVerdict ? `; ${sayTakt(taktVerdict)}` : '';
  // A warning, not a failure: whether the station passes is for its locked limits to say.
  return { status: taktVerdict && !keepsTakt(taktVerdict) ? 'warn' : 'done', summary: `p50 ${point.latencyMs.p50.toFixed(2)} ms, p99 ${point.latencyMs.p99.toFixed(2)} ms, ${Math.round(point.throughputPerSec)} per second${takt}` };
};

export const signed = ({ files, keyId }: { files: number; keyId: string | null }): Line => ({ status: 'done', summary: `${count(files, 'file')} signed${keyId === null ? '' : ` with key ${keyId}`}, and verified` });
