// Lines over time or any linear axis: thin, gaps as gaps, limits named, events marked, a cursor that reads out.
import type { Chart, ChartConfiguration } from 'chart.js';
import { useEffect, useRef, useState, type PointerEvent } from 'react';
import { annotationsPlugin, noAnnotations, type Annotations, type EventMark, type LimitLine } from './annotations.ts';
import { chartFont, seriesColour, tunedOptions } from './chartTheme.ts';
import { axisTop, niceStep, type Point } from './series.ts';
import { useChart } from './useChart.ts';

export interface Line { readonly label: string; readonly points: readonly Point[]; readonly colour?: 1 | 2 | 3 | 4 | 'dim' }
export interface LineChartProps {
  readonly label: string;
  readonly lines: readonly Line[];
  readonly xMin: number;
  readonly xMax: number;
  readonly yMin?: number;
  readonly yMax?: number | undefined;
  readonly height?: number;
  readonly formatX: (x: number) => string;
  /** Only the ends of the axis are named, as in "−5 min … now". */
  readonly ends?: readonly [string, string];
  readonly limits?: readonly LimitLine[];
  readonly events?: readonly EventMark[];
  readonly formatY?: (y: number) => string;
}

export function LineChart({ label, lines, xMin, xMax, yMin = 0, yMax, height = 170, formatX, ends, limits = [], events = [], formatY = (y) => String(Number(y.toPrecision(4))) }: LineChartProps) {
  const box = useRef<Annotations>(noAnnotations());
  const [readout, setReadout] = useState<string | null>(null);
  const empty = lines.every((line) => line.points.every((point) => point.y === null));
  const largest = lines.reduce((most, line) => line.points.reduce((high, point) => Math.max(high, point.y ?? 0), most), Math.max(0, ...limits.filter((limit) => limit.axis === 'y').map((limit) => limit.value)));
  const { top, step } = axisTop(yMax ?? largest * 1.02);
  const highest = yMin === 0 ? top : yMax ?? top;
  const { canvas, draw, chart } = useChart(
    (): ChartConfiguration => ({
      type: 'line', data: { datasets: [] }, plugins: [annotationsPlugin(box)],
      options: { ...tunedOptions, scales: { x: { type: 'linear', grid: { display: false }, border: { display: false }, ticks: { sampleSize: 1, maxRotation: 0, font: chartFont } }, y: { type: 'linear', border: { display: false }, ticks: { font: chartFont, padding: 6 } } } },
    }),
    (made: Chart, colours) => {
      made.data.datasets = lines.map((line, index) => {
        const colour = line.colour === 'dim' ? colours.dim : seriesColour(colours, (line.colour ?? index + 1) - 1);
        return { label: line.label, data: line.points as { x: number; y: number }[], borderColor: colour, borderWidth: 1.5, spanGaps: false };
      });
      const { x, y } = made.options.scales ?? {};
      Object.assign(x ?? {}, { min: xMin, max: xMax });
      Object.assign(y ?? {}, { min: yMin, max: highest, grid: { color: colours.line, lineWidth: 1, drawTicks: false } });
      Object.assign(x?.ticks ?? {}, { color: colours.dim, align: 'inner', ...(ends ? { stepSize: xMax - xMin, callback: (value: number) => (value <= xMin ? ends[0] : value >= xMax ? ends[1] : null) } : { maxTicksLimit: 6, callback: (value: number) => formatX(value) }) });
      Object.assign(y?.ticks ?? {}, { color: colours.dim, stepSize: yMin === 0 ? step : niceStep(highest - yMin, 4), callback: (value: number) => (empty && yMax === undefined ? '' : formatY(value)) });
      box.current = { ...box.current, limits, events };
    },
  );
  useEffect(draw);

  const onPointerMove = (event: PointerEvent<HTMLCanvasElement>) => {
    const scale = chart.current?.scales.x;
    if (!scale || !chart.current) return;
    const at = scale.getValueForPixel(event.nativeEvent.offsetX);
    if (at === undefined || at < xMin || at > xMax) return leave();
    box.current = { ...box.current, cursorX: at };
    const values = lines.map((line) => {
      const nearest = line.points.reduce<Point | null>((best, point) => (point.y !== null && (best === null || Math.abs(point.x - at) < Math.abs(best.x - at)) ? point : best), null);
      return nearest?.y === null || nearest === null ? null : `${line.label} ${formatY(nearest.y)}`;
    });
    setReadout([formatX(at), ...values.filter((value) => value !== null)].join(' · '));
  };
  const leave = () => { box.current = { ...box.current, cursorX: null }; setReadout(null); };

  return (
    <div className="plot" style={{ height }}>
      <canvas ref={canvas} role="img" aria-label={label} onPointerMove={onPointerMove} onPointerLeave={leave} />
      {empty && <div className="waiting">No sample yet</div>}
      {readout && <div className="readout" aria-hidden>{readout}</div>}
    </div>
  );
}
