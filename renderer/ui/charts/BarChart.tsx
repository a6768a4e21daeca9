// Upright bars by category or bin, from zero, with an optional limit line.
import type { ChartConfiguration } from 'chart.js';
import { useEffect, useRef } from 'react';
import { formatNumber } from '../format.ts';
import { annotationsPlugin, noAnnotations, type Annotations, type LimitLine } from './annotations.ts';
import { chartFont, seriesColour, tunedOptions } from './chartTheme.ts';
import { axisTop, binValues } from './series.ts';
import { useChart } from './useChart.ts';

export interface Bar { readonly label: string; readonly value: number; readonly tone?: 'series' | 'bad' | 'dim' }
export function BarChart({ label, bars, yMax, height = 160, limits = [], formatY = (y) => String(Number(y.toPrecision(4))) }: { readonly label: string; readonly bars: readonly Bar[]; readonly yMax?: number; readonly height?: number; readonly limits?: readonly LimitLine[]; readonly formatY?: (y: number) => string }) {
  const box = useRef<Annotations>(noAnnotations());
  const { top: highest, step } = axisTop(yMax ?? Math.max(0, ...bars.map((bar) => bar.value), ...limits.map((limit) => limit.value)) * 1.02);
  const { canvas, draw } = useChart(
    (): ChartConfiguration => ({
      type: 'bar', data: { labels: [], datasets: [{ data: [] }] }, plugins: [annotationsPlugin(box)],
      options: { ...tunedOptions, parsing: undefined as never, normalized: false, scales: { x: { type: 'category', grid: { display: false }, border: { display: false }, ticks: { font: chartFont, maxRotation: 0, autoSkip: true } }, y: { type: 'linear', min: 0, border: { display: false }, ticks: { font: chartFont, padding: 6 } } } },
    }),
    (made, colours) => {
      made.data.labels = bars.map((bar) => bar.label);
      made.data.datasets = [{ data: bars.map((bar) => bar.value), backgroundColor: bars.map((bar) => (bar.tone === 'bad' ? colours.bad : bar.tone === 'dim' ? colours.dim : seriesColour(colours, 0))), maxBarThickness: 34, categoryPercentage: 0.8, barPercentage: 0.92, borderRadius: 2 } as never]; // bar-only keys on a generic chart
      const { x, y } = made.options.scales ?? {};
      Object.assign(y ?? {}, { max: highest, grid: { color: colours.line, drawTicks: false } });
      Object.assign(x?.ticks ?? {}, { color: colours.dim });
      Object.assign(y?.ticks ?? {}, { color: colours.dim, stepSize: step, callback: (value: number) => formatY(value) });
      box.current = { ...noAnnotations(), limits, limitWordsLeft: true };
    },
  );
  useEffect(draw);
  return <div className="plot" style={{ height }}><canvas ref={canvas} role="img" aria-label={`${label}: ${bars.map((bar) => `${bar.label} ${formatY(bar.value)}`).join(', ')}`} /></div>;
}

export function Histogram({ label, values, bins, height }: { readonly label: string; readonly values: readonly number[]; readonly bins?: number; readonly height?: number }) {
  const bars = binValues(values, bins).map((bin) => ({ label: formatNumber((bin.from + bin.to) / 2, 3), value: bin.count }));
  return <BarChart label={label} bars={bars} {...(height ? { height } : {})} />;
}

/** Sideways bars as plain elements: names left, counts right; for classes and shares. */
export function NamedBars({ rows, format, max }: { readonly rows: readonly { readonly name: string; readonly value: number; readonly tone?: 'ok' | 'bad' | 's1' }[]; readonly format: (value: number) => string; readonly max?: number }) {
  const highest = max ?? Math.max(1e-9, ...rows.map((row) => row.value));
  return <div className="bars">{rows.map((row) => <div key={row.name} style={{ display: 'contents' }}><span className="name clip" title={row.name}>{row.name}</span><span className={`track ${row.tone ?? 's1'}`}><i style={{ width: `${Math.min(100, (row.value / highest) * 100)}%` }} /></span><span className="right">{format(row.value)}</span></div>)}</div>;
}
