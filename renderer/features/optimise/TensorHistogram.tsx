// How the values of one layer's tensors are spread over calibration samples, and the range that the file stores for them: why a layer is noisy.
import { IconX } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import type { HistogramOutput, QuantizeOutput } from '#shared/contract/optimize';
import type { DataRef, ModelRef } from '#shared/contract/references';
import { useJob } from '../../api/useJob.ts';
import { JobPanel } from '../../app/JobPanel.tsx';
import { IconButton } from '../../ui/Button.tsx';
import { Card, KeyValue, Note } from '../../ui/Card.tsx';
import { RangeHistogram } from '../../ui/charts/RangeHistogram.tsx';
import { formatCount, formatNumber, formatShare, plural } from '../../ui/format.ts';

export type TensorSpread = HistogramOutput['tensors'][number];
const roleWords = { output: 'Output', input: 'Input' } as const;
const figure = (value: number) => formatNumber(value, 4);

/** The figures, as they stand under a chart. */
export function spreadRows({ min, max, values, nonFinite, stored, belowZeroShare, clipShare, unusedShare }: TensorSpread): readonly (readonly [string, string])[] {
  return [
    ['Values seen', `${figure(min)} to ${figure(max)}, ${formatCount(values)} of them${nonFinite > 0 ? ` and ${formatCount(nonFinite)} that are no numbers` : ''}`],
    ['Range in the file', stored ? `${figure(stored.low)} to ${figure(stored.high)}, ${stored.type}` : 'none: kept in float'],
    ...(stored ? [['Scale and zero point', `${figure(stored.scale)}, ${stored.zeroPoint}`] as const] : []),
    ...(belowZeroShare ? [['Below zero', `${formatShare(belowZeroShare)} of the values: the range turns them into zero, as a ReLU does`] as const] : []),
    ...(clipShare === null ? [] : [['Clipped', `${formatShare(clipShare)} of the values`] as const]),
    ...(unusedShare === null ? [] : [['Codes never used', formatShare(unusedShare, 1)] as const]),
  ];
}

/** What a reader hears in place of the chart. */
export const spreadWords = (tensor: TensorSpread): string => `Distribution of the ${tensor.role} ${tensor.tensor}: ${spreadRows(tensor).map(([what, value]) => `${what.toLowerCase()} ${value}`).join('; ')}`;

/** Null for a run without data, which has no samples to look at, and where no file is left. */
export function modelToLookAt({ modelId, outputPath }: Pick<QuantizeOutput, 'modelId' | 'outputPath'>, data: DataRef | null | undefined): { readonly model: ModelRef; readonly data: DataRef } | null {
  const model = modelId ? { id: modelId } : outputPath ? { path: outputPath } : null;
  return model && data ? { model, data } : null;
}

export function TensorHistogram({ model, data, node, onClose }: { readonly model: ModelRef; readonly data: DataRef; readonly node: string; readonly onClose: () => void }) {
  const scope = JSON.stringify({ model, data, node });
  const job = useJob('models.histogram', (record) => { const input = record.input as { model?: unknown; data?: unknown; node?: unknown }; return JSON.stringify({ model: input.model, data: input.data, node: input.node }) === scope; }, scope);
  const place = useRef<HTMLDivElement>(null);
  const { output, busy, start } = job;
  const known = output !== null || busy;
  const asked = useRef<string | null>(null);
  // Opening it is the wish to see it: what ran before is shown as it was, what failed or was cancelled before is tried again, once.
  useEffect(() => {
    if (known || asked.current === scope) return;
    asked.current = scope;
    void start({ model, data, node });
  }, [known, scope, start, model, data, node]);
  useEffect(() => { place.current?.scrollIntoView({ block: 'nearest' }); }, [node, output]);
  return (
    <div ref={place}>
      <Card title={<>Values of <code title={node}>{node.length > 80 ? `…${node.slice(-79)}` : node}</code></>} unit={output ? `${plural(output.samples, 'sample')} of the calibration set` : undefined} aside={<IconButton label="Close the distribution" icon={<IconX size={14} aria-hidden />} onClick={onClose} />}>
        <JobPanel job={job} />
        {output && (output.tensors.length === 0 ? <p className="dim">No tensor of this layer held numbers over these samples.</p>
          : <div className={output.tensors.length > 1 ? 'cols2' : 'stack'}>{output.tensors.map((tensor) => <Spread key={tensor.role} tensor={tensor} />)}</div>)}
      </Card>
    </div>
  );
}

function Spread({ tensor }: { readonly tensor: TensorSpread }) {
  const { stored, clipShare } = tensor;
  return (
    <section className="stack tight" aria-label={`${roleWords[tensor.role]} ${tensor.tensor}`}>
      <h4 style={{ margin: 0 }}>{roleWords[tensor.role]} <code className="dim">{tensor.tensor}</code></h4>
      <RangeHistogram label={spreadWords(tensor)} bins={tensor.bins} range={stored && { low: stored.low, high: stored.high, lowLabel: `low ${figure(stored.low)}`, highLabel: `high ${figure(stored.high)}` }} />
      <p className="dim small">How many values lie where, counted on a logarithmic scale.</p>
      <KeyValue rows={spreadRows(tensor)} />
      {clipShare !== null && clipShare > 0.01 && <Note tone="warn">More than one value in a hundred is clipped: another way to find the ranges, or more calibration samples, may lower the noise of this layer. A Clip that the range takes the place of counts here too.</Note>}
    </section>
  );
}
