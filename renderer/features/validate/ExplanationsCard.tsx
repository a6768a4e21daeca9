// § 17 on the screen: where the model looked in a fixed sample of pictures, or which columns of a table it needs.
import { useState } from 'react';
import type { ColumnImportance, Explained } from '#shared/contract/validation';
import { useOp } from '../../api/useOp.ts';
import { Card } from '../../ui/Card.tsx';
import { NamedBars } from '../../ui/charts/BarChart.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { CheckField } from '../../ui/Field.tsx';
import { formatNumber } from '../../ui/format.ts';
import { StatusWord, type Tone } from '../../ui/Status.tsx';

type Map = Explained['maps'][number];
const why: Readonly<Record<Map['why'], { readonly words: string; readonly tone: Tone }>> = { 'wrong': { words: 'Wrong answer', tone: 'bad' }, 'close call': { words: 'Close call', tone: 'warn' }, 'drawn': { words: 'Drawn by chance', tone: 'dim' } };
const mostColumns = 20;

/** Draws nothing for a run without explanations. */
export function ExplanationsCard({ id, isNumber }: { readonly id: string; /** The model answers a number, not a class. */ readonly isNumber: boolean }) {
  const found = useOp('validation.explanations', { id });
  const [heat, setHeat] = useState(true);
  if (found.error) return <Card title="Explanations"><ErrorNote error={found.error} onRetry={found.reload} /></Card>;
  if (!found.data) return null;
  const { maps, importance } = found.data;
  return (
    <>
      {maps.length > 0 && <Card title="Where the model looked" unit={isNumber ? 'how far the number moves where a part is covered' : 'how much probability is lost where a part is covered'} aside={<CheckField label="Show the losses" checked={heat} onChange={setHeat} />}>
        <div style={{ display: 'grid', gridTemplateColumns: 'repeat(auto-fill, minmax(170px, 1fr))', gap: 14 }}>{maps.map((map) => <MapFigure key={map.sample} map={map} heat={heat} isNumber={isNumber} />)}</div>
        <p className="dim small" style={{ marginTop: 10 }}>Occlusion sensitivity (Zeiler, Fergus 2014). A cross stands where covering that place changes the decision. The maps show what answers depended on, not whether that is right: that a person judges.</p>
      </Card>}
      {importance && <ImportanceCard importance={importance} />}
    </>
  );
}

function MapFigure({ map, heat, isNumber }: { readonly map: Map; readonly heat: boolean; readonly isNumber: boolean }) {
  const { losses, changes, width, height, cellPixels: cell, pngBase64, sample, predicted, label, score } = map;
  const most = losses.flat().reduce((top, loss) => Math.max(top, loss), 0);
  const words = `${sample}: ${why[map.why].words.toLowerCase()}, ${label === null ? '' : `labelled ${label}, `}answered ${predicted}; greatest loss ${formatNumber(most, 3)}`;
  return (
    <figure style={{ margin: 0, minWidth: 0 }}>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={words} style={{ display: 'block', width: '100%', maxHeight: 220, background: 'var(--rail)', borderRadius: 'var(--radius)' }}>
        <image href={`data:image/png;base64,${pngBase64}`} width={width} height={height} style={{ imageRendering: Math.max(width, height) <= 160 ? 'pixelated' : 'auto' }} />
        {heat && most > 0 && losses.flatMap((row, y) => row.map((loss, x) => (loss <= 0 ? null : <rect key={`${x} ${y}`} x={x * cell} y={y * cell} width={Math.min(cell, width - x * cell)} height={Math.min(cell, height - y * cell)} fill="var(--s3)" fillOpacity={(loss / most) * 0.7} />)))}
        {heat && changes.flatMap((row, y) => row.map((isChanged, x) => (isChanged ? <Cross key={`${x} ${y}`} x={x * cell} y={y * cell} size={Math.min(cell, width - x * cell, height - y * cell)} /> : null)))}
      </svg>
      <figcaption className="small" style={{ marginTop: 6 }}>
        <div className="clip strong" title={sample}>{sample}</div>
        <div>{label !== null && label !== predicted ? <>{label} → {predicted}</> : predicted} <span className="dim">· {isNumber ? '' : 'probability '}{formatNumber(score, 3)} · loss up to {formatNumber(most, 3)}</span></div>
        <StatusWord tone={why[map.why].tone}>{why[map.why].words}</StatusWord>
      </figcaption>
    </figure>
  );
}

/** Dark on light, so that it is seen on any picture and in any theme. */
function Cross({ x, y, size }: { readonly x: number; readonly y: number; readonly size: number }) {
  const [near, far] = [size * 0.25, size * 0.75];
  const path = `M${x + near} ${y + near}L${x + far} ${y + far}M${x + near} ${y + far}L${x + far} ${y + near}`;
  return <><path d={path} stroke="#fff" strokeWidth={size * 0.22} /><path d={path} stroke="#14171a" strokeWidth={size * 0.1} /></>;
}

function ImportanceCard({ importance: { metric, undisturbed, samples, repeats, columns } }: { readonly importance: ColumnImportance }) {
  const sorted = [...columns].sort((a, b) => b.mean - a.mean);
  return (
    <Card title="Which columns it needs" unit={metric === 'mae' ? 'error gained where the column is shuffled' : 'accuracy lost where the column is shuffled'}>
      <NamedBars rows={sorted.slice(0, mostColumns).map(({ name, mean }) => ({ name, value: Math.max(0, mean) }))} format={(value) => formatNumber(value, 3)} />
      <p className="dim small" style={{ marginTop: 10 }}>Permutation importance (Breiman 2001): {samples} samples, shuffled {repeats} times; {formatNumber(undisturbed, 4)} without. {sorted.length > mostColumns ? `The first ${mostColumns} of ${sorted.length} columns; all stand in the report. ` : ''}Columns that tell the same share their importance.</p>
    </Card>
  );
}
