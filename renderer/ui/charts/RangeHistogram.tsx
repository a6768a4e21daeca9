// Counts over a measured axis, on a logarithmic scale, with a range marked in it: what lies in it, what beyond.
import { Filler, type ChartConfiguration } from 'chart.js';
import { useEffect, useRef } from 'react';
import { formatCount, formatNumber } from '../format.ts';
import { annotationsPlugin, noAnnotations, type Annotations } from './annotations.ts';
import { chartFont, seriesColour, tunedOptions, withAlpha } from './chartTheme.ts';
import { niceStep, type Bin } from './series.ts';
import { useChart } from './useChart.ts';

export interface MarkedRange { readonly low: number; readonly high: number; readonly lowLabel: string; readonly highLabel: string }
export interface RangeHistogramProps { readonly label: string; readonly bins: readonly Bin[]; readonly range: MarkedRange | null; readonly height?: number }

/** Ends of the axis: they hold both the values and the range, with some room for the lines at its ends. */
export function axisAround(bins: readonly Bin[], range: Pick<MarkedRange, 'low' | 'high'> | null): { readonly min: number; readonly max: number } {
  const ends = [...bins.flatMap(({ from, to }) => [from, to]), ...(range ? [range.low, range.high] : [])];
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  if (!Number.isFinite(low) || !Number.isFinite(high)) return { min: 0, max: 1 };
  const room = high > low ? (high - low) * 0.03 : Math.max(1e-6, Math.abs(high)) * 0.5;
  return { min: low - room, max: high + room };
}

/** The outline of the bars: two points for each bin, so that their width is that of the axis. A bin without values lies below the scale. */
export const outlineOf = (bins: readonly Bin[], floor: number): { x: number; y: number }[] =>
  bins.flatMap(({ from, to, count }, index) => [...(index === 0 ? [{ x: from, y: floor }] : []), { x: from, y: Math.max(floor, count) }, { x: to, y: Math.max(floor, count) }, ...(index === bins.length - 1 ? [{ x: to, y: floor }] : [])]);

/** Below one, so that a bin with one value can be seen. */
const floor = 0.5;

export function RangeHistogram({ label, bins, range, height = 170 }: RangeHistogramProps) {
  const box = useRef<Annotations>(noAnnotations());
  const { min, max } = axisAround(bins, range);
  const most = bins.reduce((top, { count }) => Math.max(top, count), 1);
  const { canvas, draw } = useChart(
    (): ChartConfiguration => ({
      type: 'line', data: { datasets: [{ data: [] }] }, plugins: [annotationsPlugin(box), Filler],
      options: { ...tunedOptions, layout: { padding: { top: 4, right: 10 } }, scales: { x: { type: 'linear', grid: { display: false }, border: { display: false }, ticks: { font: chartFont, maxRotation: 0, includeBounds: false } }, y: { type: 'logarithmic', border: { display: false }, ticks: { font: chartFont, padding: 6 } } } },
    }),
    (made, colours) => {
      const colour = seriesColour(colours, 0);
      // One value that never changes has no width: it is drawn as a thin bar.
      const thin = (max - min) / 400;
      const wide = bins.map((bin) => (bin.to > bin.from ? bin : { ...bin, from: bin.from - thin, to: bin.to + thin }));
      made.data.datasets = [{ data: outlineOf(wide, floor), borderColor: colour, borderWidth: 1, backgroundColor: withAlpha(colour, 0.55), fill: 'start' } as never]; // line-only keys on a generic chart
      const { x, y } = made.options.scales ?? {};
      Object.assign(x ?? {}, { min, max });
      Object.assign(y ?? {}, { min: floor, max: 10 ** Math.ceil(Math.log10(most * 1.5)), grid: { color: colours.line, drawTicks: false } });
      Object.assign(x?.ticks ?? {}, { color: colours.dim, stepSize: niceStep(max - min, 6), callback: (value: number) => formatNumber(value, 3) });
      Object.assign(y?.ticks ?? {}, { color: colours.dim, callback: (value: number) => (value >= 1 && Number.isInteger(Math.log10(value)) ? formatCount(value) : '') });
      box.current = { ...noAnnotations(), limits: range ? [{ axis: 'x', value: range.low, label: range.lowLabel }, { axis: 'x', value: range.high, label: range.highLabel }] : [] };
    },
  );
  useEffect(draw);
  return <div className="plot" style={{ height }}><canvas ref={canvas} role="img" aria-label={label} /></div>;
}
