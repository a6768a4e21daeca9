// The outcome in six figures, each with how it was measured.
import { answerQuality } from '#shared/answerQuality';
import type { QuantizeOutput } from '#shared/contract/optimize';
import { Stat, Stats } from '../../ui/Card.tsx';
import { formatBytes, formatCount, formatDb, formatMs } from '../../ui/format.ts';

export function ResultStats({ output }: { readonly output: QuantizeOutput }) {
  const chosen = output.candidates.find((candidate) => candidate.chosen) ?? null;
  const ratio = chosen?.latencyRatio ?? null;
  const smaller = output.outputBytes > 0 ? output.inputBytes / output.outputBytes : 1;
  const control = output.nullControl;
  return (
    <Stats>
      <Stat label="Chosen" words value={output.keptOriginal ? 'Original' : chosen?.name ?? output.recipe} note={output.keptOriginal ? 'nothing was better' : `of ${output.candidates.length || 1} measured`} />
      <Stat label="Size" value={formatBytes(output.outputBytes)} note={smaller > 1.02 ? `${smaller.toFixed(2)} times smaller than ${formatBytes(output.inputBytes)}` : `original ${formatBytes(output.inputBytes)}`} />
      <Stat label="Speed" value={ratio === null ? 'not measured' : `${(1 / ratio).toFixed(2)} ×`} note={ratio === null ? '' : `${formatMs(chosen?.latencyMs ?? null)}, interleaved${control ? `; null control ${control.low.toFixed(2)} to ${control.high.toFixed(2)}` : ''}`} tone={ratio !== null && ratio > 1.02 ? 'warn' : undefined} />
      <Stat label="Accuracy lost" value={chosen?.accuracyDrop === null || chosen?.accuracyDrop === undefined ? 'not measured' : `${chosen.accuracyDrop.toFixed(2)} points`} note={chosen?.accuracyDrop == null ? 'no labels at hand' : 'against the original'} />
      <Stat label="SQNR" value={output.proven ? answerQuality(output, formatDb) : 'not measured'} note={output.proven ? 'at the outputs, over the samples' : 'made without proof'} />
      <Stat label="Nodes in low precision" value={formatCount(output.nodesQuantized)} note={`${formatCount(output.nodesKept.length)} kept in float`} />
    </Stats>
  );
}
