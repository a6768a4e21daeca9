// Does the model fit this machine's memory: a light, the estimate with its parts, and what was assumed.
import { useState } from 'react';
import type { ModelFit } from '#shared/contract/models';
import { useOp } from '../../api/useOp.ts';
import { Card, KeyValue, Loading, Note } from '../../ui/Card.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { NumberField } from '../../ui/Field.tsx';
import { formatBytes, plural } from '../../ui/format.ts';
import { StatusWord, type Tone } from '../../ui/Status.tsx';

const words: Readonly<Record<ModelFit['verdict'], readonly [Tone, string]>> = { fits: ['ok', 'Fits this machine'], tight: ['warn', 'Tight on this machine'], 'does not fit': ['bad', 'Does not fit this machine'] };

export function FitCard({ id }: { readonly id: string }) {
  const [batch, setBatch] = useState(1);
  const [openSize, setOpenSize] = useState(640);
  const [hadOpen, setHadOpen] = useState(false);
  const fit = useOp('models.fit', { model: { id }, batch, openSize });
  const { data } = fit;
  const open = data ? data.estimate.assumed.length > 0 : hadOpen;
  return (
    <Card title="Memory" unit="estimated before it is loaded, one process">
      <div className="stack">
        {fit.error && <ErrorNote error={fit.error} onRetry={fit.reload} />}
        {!data && !fit.error && <Loading what="the estimate" rows={3} />}
        {data && <FitFigures fit={data} />}
        <div className="row wrap" style={{ gap: 14 }}>
          <div style={{ width: 120 }}><NumberField whole label="Batch" value={batch} min={1} max={4096} onChange={(value) => { if (value !== null) { setHadOpen(open); setBatch(Math.round(value)); } }} /></div>
          {open && <div style={{ width: 160 }}><NumberField whole label="Open dimensions" value={openSize} min={1} max={100_000} onChange={(value) => { if (value !== null) { setHadOpen(true); setOpenSize(Math.round(value)); } }} /></div>}
        </div>
      </div>
    </Card>
  );
}

function FitFigures({ fit: { verdict, estimate, freeBytes, totalBytes } }: { readonly fit: ModelFit }) {
  const [tone, word] = words[verdict];
  return (
    <>
      <StatusWord tone={tone}>{word}: about {formatBytes(estimate.totalBytes)} of {formatBytes(freeBytes)} free</StatusWord>
      <KeyValue rows={[['Process and runtime', formatBytes(estimate.processBytes)], ['Session', `${formatBytes(estimate.loadBytes)}, weights ${formatBytes(estimate.weightBytes)} as stored`], ['Running', `${formatBytes(estimate.runBytes)}, activations ${formatBytes(estimate.activationBytes)} at once with a batch of ${estimate.batch}`], ['Machine', formatBytes(totalBytes)]]} />
      {estimate.assumed.length > 0 && <p className="dim small">{estimate.assumed.map(({ input, axis, size }) => `Dimension ${axis} of ${input} is open; ${size} was taken.`).join(' ')}</p>}
      {estimate.unknownValues > 0 && <Note tone="warn">{plural(estimate.unknownValues, 'value')} of unknown size count nothing: the need may be larger.</Note>}
    </>
  );
}
