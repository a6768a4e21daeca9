// The latency histograms of a benchmark as files that HdrHistogram's tools read: one for each measured point, one for the soak, and each again with waiting parts where a takt was given.
import type { LatencyHistograms } from '#shared/contract/benchmarks';
import { hgrmText } from '#shared/hdrHistogram';
import type { ValidationReceipt } from './receipt.ts';

export interface HgrmFile { readonly name: string; readonly text: string }

/** A package holds 256 files at most; receipt.json has the histograms of all points. */
const mostPoints = 60;
/** Names of execution providers come from files too: only what every file system takes stays of them. */
const plain = (provider: string) => provider.toLowerCase().replace(/[^a-z0-9]+/g, '-').slice(0, 24) || 'provider';

const filesOf = (name: string, { raw, corrected }: LatencyHistograms): HgrmFile[] => [
  { name: `performance/${name}.hgrm`, text: hgrmText(raw) }, ...(corrected ? [{ name: `performance/${name}-corrected.hgrm`, text: hgrmText(corrected) }] : []),
];

export function hgrmFiles({ bench, soak }: Pick<ValidationReceipt, 'bench' | 'soak'>): readonly HgrmFile[] {
  const points = (bench?.points ?? []).slice(0, mostPoints).flatMap(({ provider, batch, threads, concurrency, histograms }, index) => (histograms ? filesOf(`${String(index + 1).padStart(2, '0')}-${plain(provider)}-batch-${batch}-threads-${threads}-callers-${concurrency}`, histograms) : []));
  return [...points, ...(soak?.histograms ? filesOf('soak', soak.histograms) : [])];
}
