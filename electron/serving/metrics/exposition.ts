// Writes figures in the text format of Prometheus (0.0.4): families, samples with labels, histograms.
import type { Histogram } from './Histogram.ts';

export type Labels = Readonly<Record<string, string | number>>;
export interface Sample { readonly suffix?: string; readonly labels?: Labels; readonly value: number }

export const expositionType = 'text/plain; version=0.0.4; charset=utf-8';

const escaped = (value: string | number) => String(value).replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
const labelText = (labels: Labels = {}) => { const all = Object.entries(labels); return all.length === 0 ? '' : `{${all.map(([name, value]) => `${name}="${escaped(value)}"`).join(',')}}`; };

/** Nothing at all where there is no sample. */
export function family(name: string, type: 'counter' | 'gauge' | 'histogram', help: string, samples: readonly Sample[]): string {
  if (samples.length === 0) return '';
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples.map(({ suffix = '', labels, value }) => `${name}${suffix}${labelText(labels)} ${value}\n`).join('')}`;
}

export function histogramSamples(histogram: Histogram, labels: Labels): Sample[] {
  const counts = histogram.cumulative();
  const all = counts.at(-1) ?? 0;
  return [...histogram.bounds.map((bound, index) => ({ suffix: '_bucket', labels: { ...labels, le: bound }, value: counts[index] ?? 0 })), { suffix: '_bucket', labels: { ...labels, le: '+Inf' }, value: all }, { suffix: '_sum', labels, value: histogram.sum() }, { suffix: '_count', labels, value: all }];
}
