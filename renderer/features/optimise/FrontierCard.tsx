// What was measured: each candidate by latency and accuracy, or by latency and noise where no accuracy was lost; the original beside them.
import { answerQuality } from '#shared/answerQuality';
import type { Candidate, QuantizeOutput } from '#shared/contract/optimize';
import { NumberField } from '../../ui/Field.tsx';
import { ChartCard } from '../../ui/charts/ChartCard.tsx';
import { ScatterChart, type Mark } from '../../ui/charts/ScatterChart.tsx';
import { axisTop } from '../../ui/charts/series.ts';
import { formatBytes, formatDb, formatMs } from '../../ui/format.ts';
import { Note } from '../../ui/Card.tsx';

/** Differences below this are no loss: one sample of twenty thousand. */
const noLossPoints = 0.005;

/** The original's latency, as measured beside each candidate: the middle of what latency and ratio give. */
export function originalLatencyMs(candidates: readonly Candidate[]): number | null {
  const each = candidates.flatMap(({ latencyMs, latencyRatio }) => (latencyMs !== null && latencyRatio !== null && latencyRatio > 0 ? [latencyMs / latencyRatio] : [])).sort((a, b) => a - b);
  return each[Math.floor((each.length - 1) / 2)] ?? null;
}

export interface Frontier { readonly marks: readonly Mark[]; readonly by: 'accuracy' | 'noise'; readonly originalMs: number | null }
/** Upwards is better: accuracy lost as a negative number, or SQNR. Candidates without a latency are left to the table. */
export function frontierOf({ candidates, inputBytes }: Pick<QuantizeOutput, 'candidates' | 'inputBytes'>): Frontier {
  const by = candidates.some(({ accuracyDrop }) => accuracyDrop !== null && Math.abs(accuracyDrop) > noLossPoints) ? 'accuracy' : 'noise';
  const largest = Math.max(1, inputBytes, ...candidates.map((candidate) => candidate.sizeBytes));
  const radius = (sizeBytes: number) => 5 + 8 * Math.sqrt(sizeBytes / largest);
  const originalMs = originalLatencyMs(candidates);
  const marks = candidates.flatMap((candidate): Mark[] => {
    const y = by === 'noise' ? candidate.sqnrDb : candidate.accuracyDrop === null ? null : -candidate.accuracyDrop;
    if (candidate.latencyMs === null || y === null) return [];
    return [{ name: candidate.name, x: candidate.latencyMs, y, state: candidate.chosen ? 'chosen' : candidate.rejectedBecause === null ? 'kept' : 'rejected', radius: radius(candidate.sizeBytes) }];
  });
  const chosen = candidates.some((candidate) => candidate.chosen);
  if (by === 'accuracy' && originalMs !== null) marks.push({ name: 'Original', x: originalMs, y: 0, state: chosen ? 'kept' : 'chosen', radius: radius(inputBytes) });
  return { marks, by, originalMs };
}

export function FrontierCard({ output, limitMs, onLimit }: { readonly output: QuantizeOutput; readonly limitMs: number | null; readonly onLimit: (value: number | null) => void }) {
  const { marks, by, originalMs } = frontierOf(output);
  const control = output.nullControl;
  const xs = axisTop(Math.max(limitMs ?? 0, originalMs ?? 0, ...marks.map((mark) => mark.x)) * 1.08);
  const ys = axisTop(by === 'accuracy' ? Math.max(0.4, ...marks.map((mark) => -mark.y)) * 1.08 : Math.max(10, ...marks.map((mark) => mark.y)) * 1.05);
  return (
    <ChartCard title="What was measured" csvName="candidates"
      aside={<label className="with-unit">Latency at most <NumberField bare label="Latency at most, in milliseconds" optional value={limitMs} min={0} onChange={onLimit} /> ms</label>}
      table={() => ({ columns: ['candidate', 'latency ms', 'ratio', 'accuracy lost', 'SQNR dB', 'bytes', 'outcome'], rows: output.candidates.map((each) => [each.name, each.latencyMs, each.latencyRatio, each.accuracyDrop, each.sqnrDb, each.sizeBytes, each.chosen ? 'chosen' : each.rejectedBecause ?? 'kept']) })}
      note={marks.length > 0 && <div style={{ marginTop: 8 }}><Note>{by === 'noise' ? 'No candidate lost accuracy on these samples, so that upwards is less noise. ' : ''}The size of a point is the size of the file; a dashed ring was rejected.{control ? ` Two equal originals differed by ${control.low.toFixed(2)} to ${control.high.toFixed(2)} on this machine: smaller gains are noise.` : ''}</Note></div>}>
      {marks.length === 0 ? <Single output={output} />
        : <ScatterChart label="Candidates by latency and quality" marks={marks} xTitle={`latency, ms (interleaved) · upwards: ${by === 'accuracy' ? 'accuracy lost, points' : 'SQNR, dB'}`} xMax={xs.top} xStep={xs.step} yMin={by === 'accuracy' ? -ys.top : 0} yMax={by === 'accuracy' ? 0 : ys.top} yStep={ys.step} goodUpToX={limitMs} events={by === 'noise' && originalMs !== null ? [{ x: originalMs, label: 'original' }] : []} formatX={(x) => String(Number(x.toPrecision(3)))} formatY={(y) => (by === 'noise' ? `${Math.round(y)} dB` : Math.abs(y) < 1e-9 ? '0' : `−${Number(Math.abs(y).toPrecision(2))}`)} />}
    </ChartCard>
  );
}

/** A single recipe without a comparison has no frontier. */
function Single({ output }: { readonly output: QuantizeOutput }) {
  return <p className="dim">One recipe was run, {output.recipe}: {formatBytes(output.inputBytes)} → {formatBytes(output.outputBytes)}, {output.proven ? `answers ${answerQuality(output, formatDb)}` : 'not proven'}{output.candidates[0]?.latencyMs ? `, ${formatMs(output.candidates[0].latencyMs)}` : ''}. Choose “Measure and choose” to see it against others.</p>;
}
