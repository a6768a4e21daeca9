// The takt in one sentence, the same in report, benchmark, station and screens: judged at p99.9, the longest run and the runs over the takt beside it as an observation.
import type { BenchOutput } from './contract/benchmarks.ts';

type Verdict = NonNullable<BenchOutput['taktVerdict']>;

const rest = ' at p99.9: {p999} ms with camera {camera} ms and PLC {plc} ms (n = {n}). Observed beside it: the longest run took {longest} ms with both, and {over} of {runs} runs ({share} %) took longer than the takt.';
export const taktKeptText = `Takt {takt} ms: kept${rest}` as const;
export const taktMissedText = `Takt {takt} ms: not kept${rest}` as const;

/** Also for benchmarks of earlier versions, whose verdict was that of the longest run. */
export const keepsTakt = ({ taktMs, cameraMs, plcMs, p999Ms }: Verdict): boolean => p999Ms + cameraMs + plcMs <= taktMs;

export interface TaktSentence { readonly text: typeof taktKeptText | typeof taktMissedText; readonly values: Readonly<Record<'takt' | 'p999' | 'camera' | 'plc' | 'n' | 'longest' | 'over' | 'runs' | 'share', string>> }

/** What earlier versions did not count is a dash. @param format of times in ms */
export function taktSentence(verdict: Verdict, format: (ms: number) => string = (ms) => String(Number(ms.toFixed(2)))): TaktSentence {
  const { taktMs, cameraMs, plcMs, p999Ms, maxMs, samples, overTakt } = verdict;
  return {
    text: keepsTakt(verdict) ? taktKeptText : taktMissedText,
    values: {
      takt: format(taktMs), p999: format(p999Ms + cameraMs + plcMs), camera: format(cameraMs), plc: format(plcMs), n: samples === undefined ? '–' : String(samples), longest: format(maxMs + cameraMs + plcMs),
      over: overTakt === undefined ? '–' : String(overTakt.runs), runs: overTakt === undefined ? '–' : String(overTakt.of), share: overTakt === undefined || overTakt.of === 0 ? '–' : String(Number(((overTakt.runs / overTakt.of) * 100).toPrecision(3))),
    },
  };
}

export function sayTakt(verdict: Verdict): string {
  const { text, values } = taktSentence(verdict);
  return text.replace(/\{(\w+)\}/g, (_, name: keyof typeof values) => values[name]); // the names in the text are the keys
}
