// What was measured: each candidate by latency and accuracy, the chosen one, the rejected ones with their reasons.
import type { Candidate, QuantizeOutput } from '#shared/contract/optimize';
import { NumberField } from '../../ui/Field.tsx';
import { ChartCard } from '../../ui/charts/ChartCard.tsx';
import { ScatterChart, type Mark } from '../../ui/charts/ScatterChart.tsx';
import { niceCeil } from '../../ui/charts/series.ts';
import { formatBytes, formatDb, formatMs } from '../../ui/format.ts';
import { StatusWord } from '../../ui/Status.tsx';
import { Note } from '../../ui/Card.tsx';

const isOriginal = (candidate: Candidate) => /original|fp32/i.test(`${candidate.name} ${candidate.recipe}`);

export interface Frontier { readonly marks: readonly Mark[]; readonly yTitle: 'points' | 'dB' }
/** Points by latency and accuracy lost; where no accuracy was measured, by latency and SQNR. Candidates without a latency are left to the table. */
export function frontierOf(candidates: readonly Candidate[]): Frontier {
  const byAccuracy = candidates.some((candidate) => candidate.accuracyDrop !== null && !isOriginal(candidate));
  const best = Math.max(20, ...candidates.map((candidate) => candidate.sqnrDb ?? 0));
  const largest = Math.max(1, ...candidates.map((candidate) => candidate.sizeBytes));
  const marks = candidates.flatMap((candidate): Mark[] => {
    const y = byAccuracy ? (candidate.accuracyDrop === null ? (isOriginal(candidate) ? 0 : null) : -candidate.accuracyDrop) : candidate.sqnrDb ?? (isOriginal(candidate) ? best * 1.08 : null);
    if (candidate.latencyMs === null || y === null) return [];
    return [{ name: candidate.name, x: candidate.latencyMs, y, state: candidate.chosen ? 'chosen' : candidate.rejectedBecause === null || isOriginal(candidate) ? 'kept' : 'rejected', radius: 6 + 8 * Math.sqrt(candidate.sizeBytes / largest) }];
  });
  return { marks, yTitle: byAccuracy ? 'points' : 'dB' };
}

export function FrontierCard({ output, limitMs, onLimit }: { readonly output: QuantizeOutput; readonly limitMs: number | null; readonly onLimit: (value: number | null) => void }) {
  const { marks, yTitle } = frontierOf(output.candidates);
  const rejected = output.candidates.filter((candidate) => candidate.rejectedBecause !== null);
  const ys = marks.map((mark) => mark.y);
  const spread = Math.max(0.5, Math.max(0, ...ys) - Math.min(0, ...ys));
  const [yMin, yMax] = yTitle === 'points' ? [-niceCeil(-Math.min(-0.4, ...ys) * 1.15), spread * 0.12] : [0, niceCeil(Math.max(10, ...ys) * 1.05)];
  const control = output.nullControl;
  return (
    <ChartCard title="What was measured" csvName="candidates"
      aside={<label className="with-unit">Latency at most <NumberField bare label="Latency at most, in milliseconds" optional value={limitMs} min={0} onChange={onLimit} /> ms</label>}
      table={() => ({ columns: ['candidate', 'latency ms', 'ratio', 'accuracy lost', 'SQNR dB', 'bytes', 'outcome'], rows: output.candidates.map((each) => [each.name, each.latencyMs, each.latencyRatio, each.accuracyDrop, each.sqnrDb, each.sizeBytes, each.chosen ? 'chosen' : each.rejectedBecause ?? 'kept']) })}
      note={<div className="stack tight" style={{ marginTop: 8 }}>
        {rejected.length > 0 && <ul className="stack tight" aria-label="Rejected candidates">{rejected.map((candidate) => <li key={candidate.name} className="row top"><StatusWord tone="dim">{candidate.name}</StatusWord><span className="dim grow">{candidate.rejectedBecause}</span></li>)}</ul>}
        <Note>Size of a point is the size of the file; a dashed ring was rejected.{control ? ` Two equal originals differed by ${control.low.toFixed(2)} to ${control.high.toFixed(2)} on this machine: smaller gains are noise.` : ''}</Note>
      </div>}>
      {marks.length === 0 ? <Single output={output} /> : <ScatterChart label="Candidates by latency and quality" marks={marks} xTitle={`latency, ms (interleaved)${yTitle === 'points' ? ' · upwards: accuracy lost, points' : ' · upwards: SQNR, dB'}`} xMax={niceCeil(Math.max(limitMs ?? 0, ...marks.map((mark) => mark.x)) * 1.12)} yMin={yMin} yMax={yMax} goodUpToX={limitMs} formatX={(x) => String(Number(x.toPrecision(3)))} formatY={(y) => (yTitle === 'points' ? (Math.abs(y) < 1e-9 ? '0' : `−${Number(Math.abs(y).toPrecision(2))}`) : `${Math.round(y)} dB`)} />}
    </ChartCard>
  );
}

/** A single recipe without a comparison has no frontier. */
function Single({ output }: { readonly output: QuantizeOutput }) {
  return <p className="dim">One recipe was run, {output.recipe}: {formatBytes(output.inputBytes)} → {formatBytes(output.outputBytes)}, SQNR {formatDb(output.sqnrDb)}{output.candidates[0]?.latencyMs ? `, ${formatMs(output.candidates[0].latencyMs)}` : ''}. Choose “Measure and choose” to see it against others.</p>;
}
