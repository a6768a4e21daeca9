// Time and memory: latency, takt, cold start, where it ran, soak.
import { bestHistograms, type BenchPoint, type HdrHistogram, type LatencyHistograms } from '#shared/contract/benchmarks';
import { keepsTakt, taktSentence } from '#shared/taktSentence';
import { hdrAtRankMs, hdrPercentileMs } from '#shared/hdrHistogram';
import { quantileRanks } from '../../statistics/quantileRanks.ts';
import { lineChart } from '../charts.ts';
import { column, facts, foreignColumn, heading, notPerformed, number, paragraph, recorded, status, table, type Block, type Cell } from '../model.ts';
import { formatBytes, formatNumber, formatOr, formatPercent, formatTime } from '../text.ts';
import { phrase, say, type Phrase } from '../texts/say.ts';
import { percentileChart } from '../percentileChart.ts';
import { hgrmFiles } from '../renderHgrm.ts';
import { runtimeBlocks } from './runtime.ts';
import { missing, type Parts } from './Part.ts';

const pointName = (point: BenchPoint) => say('{provider}, batch {batch}, {threads} thread(s), {concurrency} at once', { provider: point.provider, batch: point.batch, threads: point.threads, concurrency: point.concurrency });

/** Percentiles of all samples as measured and, where a takt was given, with the waits that runs one after the other hide. */
function percentileBlocks(caption: Phrase, { raw, corrected, intervalMs }: LatencyHistograms): Block[] {
  const shown = [50, 90, 99, 99.9, 99.99, 100];
  const cell = (histogram: HdrHistogram, percentile: number) => { const value = hdrPercentileMs(histogram, percentile); return value === null ? say('none') : formatNumber(value); };
  return [
    { kind: 'drawing', caption: phrase(caption), drawing: percentileChart([{ name: say('as measured'), histogram: raw }, ...(corrected ? [{ name: say('with waiting parts'), histogram: corrected }] : [])]) },
    table('Percentiles from the histogram, in ms', [column('Histogram', 2), number('n', 0.8), ...shown.map((percentile) => foreignColumn(percentile === 100 ? 'max' : `p${percentile}`, 0.8))],
      [[say('as measured'), raw] as const, ...(corrected ? [[say('with waiting parts'), corrected] as const] : [])].map(([name, histogram]): Cell[] => [name, String(histogram.total), ...shown.map((percentile) => cell(histogram, percentile))])),
    paragraph('HDR histogram: 3 significant digits, 1 ns to 1 hour; a percentile is at most 0.1 % above the sample behind it.'),
    table('Intervals of the percentiles as measured, in ms', [column('Percentile', 1), number('Value', 1), number('From', 1), number('To', 1), number('n', 0.8)], [50, 90, 95, 99, 99.9].map((percentile): Cell[] => {
      const { low, high } = quantileRanks(raw.total, percentile / 100);
      const at = (rank: number | null) => { const value = rank === null ? null : hdrAtRankMs(raw, rank); return value === null ? say('not bounded') : formatNumber(value); };
      return [`p${percentile}`, cell(raw, percentile), at(low), at(high), String(raw.total)];
    })),
    paragraph('The intervals hold at 95 % for any distribution, by order statistics (David, Nagaraja 2003), as if each run were independent of the one before; an end that so few runs do not bound says so.'),
    ...(corrected && intervalMs !== null ? [paragraph(say('With waiting parts: corrected for coordinated omission. For each run longer than the takt of {takt} ms, the waits of the parts that would have come meanwhile are added.', { takt: formatNumber(intervalMs) }))] : []),
  ];
}

export const performanceParts: Parts<'performance'> = {
  performance: ({ bench, soak, machine, runtime }) => {
    if (bench === null) return missing('No benchmark was run.');
    const { best, taktVerdict } = bench;
    const blocks: Block[] = [
      ...runtimeBlocks({ runtime }),
      facts([
        ['Measured at', formatTime(bench.takenAt)], ['Cold start', `${formatNumber(bench.coldStartMs)} ms`], ['Machine', machine && machine.fingerprint === bench.machineFingerprint ? say('the one in § 10') : bench.machineFingerprint],
        ...(best ? [['Best point', pointName(best)], ['Latency p50 / p99 / p99.9', `${formatNumber(best.latencyMs.p50)} / ${formatNumber(best.latencyMs.p99)} / ${formatNumber(best.latencyMs.p999)} ms, n = ${best.latencyMs.samples}`], ['Throughput', say('{n} samples per s', { n: formatNumber(best.throughputPerSec) })], ['Peak resident memory', formatBytes(best.peakRssBytes)]] as const : []),
      ]),
      table('Latency in ms by point', [column('Provider', 0.9), number('Batch', 0.6), number('Threads', 0.7), number('At once', 0.7), number('n', 0.7), number('p50', 0.8), number('p90', 0.8), number('p95', 0.8), number('p99', 0.8), number('p99.9', 0.8), number('max', 0.8), number('mean', 0.8)],
        bench.points.map((point): Cell[] => [point.provider, String(point.batch), String(point.threads), String(point.concurrency), String(point.latencyMs.samples), ...[point.latencyMs.p50, point.latencyMs.p90, point.latencyMs.p95, point.latencyMs.p99, point.latencyMs.p999, point.latencyMs.max, point.latencyMs.mean].map((value) => formatNumber(value))]), { max: 200 }),
      table('Throughput and memory by point', [column('Point', 2.4), number('Samples per s', 1), column('Stable', 0.6), number('Peak memory in bytes', 1.2), number('Estimated in bytes', 1.2), number('Measured over estimated', 0.9)],
        bench.points.map((point) => [pointName(point), formatNumber(point.throughputPerSec), point.stable ? say('yes') : say('no'), String(point.peakRssBytes), point.memory ? String(point.memory.estimatedBytes) : say('unknown'), point.memory ? formatNumber(point.memory.ratio) : say('unknown')]), { max: 200 }),
      ...(bench.points.some(({ memory }) => memory) ? [paragraph('The estimate is made before the model is loaded: process and runtime, weights, and activations by shape and liveness.')] : []),
      ...(best?.memory && best.memory.unknownValues > 0 ? [paragraph(say('{n} values have a size that the model does not tell; they count nothing in the estimate.', { n: best.memory.unknownValues }), 'warn')] : []),
    ];
    const hdr = bestHistograms(bench);
    if (hdr) blocks.push(...percentileBlocks('Latency of the best point by percentile', hdr));
    else if (best) blocks.push({ kind: 'drawing', caption: say('Latency of the best point by percentile'), drawing: lineChart([{ name: say('latency'), points: [[50, best.latencyMs.p50], [90, best.latencyMs.p90], [95, best.latencyMs.p95], [99, best.latencyMs.p99], [99.9, best.latencyMs.p999], [100, best.latencyMs.max]] }], say('percentile'), say('latency in ms')) });
    if (hgrmFiles({ bench, soak }).length > 0) blocks.push(paragraph('performance/*.hgrm in the evidence package hold the histograms of each point and of the soak, as HdrHistogram prints them.'));
    blocks.push(taktVerdict
      ? facts([['Takt verdict', status(keepsTakt(taktVerdict) ? 'PASS' : 'FAIL')], ['Takt', `${formatNumber(taktVerdict.taktMs)} ms`], ['Camera share', `${formatNumber(taktVerdict.cameraMs)} ms`], ['PLC share', `${formatNumber(taktVerdict.plcMs)} ms`], ['Inference p99.9', `${formatNumber(taktVerdict.p999Ms)} ms`], ['Inference max', `${formatNumber(taktVerdict.maxMs)} ms`], ['Sum at p99.9', `${formatNumber(taktVerdict.p999Ms + taktVerdict.cameraMs + taktVerdict.plcMs)} ms`], ['Drift', formatOr(taktVerdict.driftMsPerMin, say('ms per minute'))]])
      : notPerformed('Takt verdict', 'No takt time was given.'));
    if (taktVerdict) { const { text, values } = taktSentence(taktVerdict, formatNumber); blocks.push(paragraph(say(text, values))); }
    blocks.push(heading('Where it ran'), bench.providerShares.length > 0
      ? table('Nodes and time by execution provider', [column('Provider', 2), number('Nodes', 0.8), number('Share of nodes', 1), number('Time in ms', 1), number('Share of time', 1)], bench.providerShares.map((share) => [share.provider, String(share.nodes), formatPercent(share.nodeShare), formatNumber(share.timeMs), formatPercent(share.timeShare)]))
      : notPerformed('Device used by node', 'The runtime gave no profile.'));
    if (soak) blocks.push(facts([['Soak', `${formatNumber(soak.durationS)} s`], ['Drift of p99', `${formatNumber(soak.driftMsPerMin)} ${say('ms per minute')}`], ['Slope of the temperature', soak.temperatureSlopeCPerMin === null ? say('not readable') : say('{n} °C per minute', { n: formatNumber(soak.temperatureSlopeCPerMin) })], ['Slope of the clock', soak.clockSlopeMHzPerMin === null ? say('not readable') : say('{n} MHz per minute', { n: formatNumber(soak.clockSlopeMHzPerMin) })]]), { kind: 'drawing', caption: say('p99 over the soak'), drawing: lineChart([{ name: 'p99', points: soak.points.map((point) => [point.atS, point.p99Ms] as const) }], say('time in s'), say('p99 in ms')) },
      table('Soak', [number('At in s', 1), number('p99 in ms', 1), number('Temperature in °C', 1), number('Clock in MHz', 1)], soak.points.map((point) => [formatNumber(point.atS), formatNumber(point.p99Ms), formatOr(point.temperatureC), formatOr(point.clockMHz)]), { max: 120 }), ...(soak.histograms ? percentileBlocks('Latency of the whole soak by percentile', soak.histograms) : []));
    else blocks.push(notPerformed('Soak with temperature and clock', 'No soak was asked for.'));
    blocks.push(...bench.remarks.map((remark) => recorded(remark, 'warn')));
    return blocks;
  },
};
