// Named points on two axes, their size a third: the chosen one filled in the accent, rejected ones as dashed rings, the front as a dotted line.
import type { Chart, ChartConfiguration, Plugin } from 'chart.js';
import { useEffect, useRef } from 'react';
import { annotationsPlugin, noAnnotations, type Annotations } from './annotations.ts';
import { chartFont, readColours, tunedOptions, withAlpha } from './chartTheme.ts';
import { niceStep, paretoFront } from './series.ts';
import { useChart } from './useChart.ts';

export interface Mark { readonly name: string; readonly x: number; readonly y: number; readonly state: 'chosen' | 'kept' | 'rejected'; /** Radius in pixels. */ readonly radius: number }
export interface ScatterChartProps { readonly label: string; readonly marks: readonly Mark[]; readonly xTitle: string; readonly xMin?: number; readonly xMax: number; readonly yMin: number; readonly yMax: number; readonly goodUpToX?: number | null; readonly height?: number; readonly formatX: (x: number) => string; readonly formatY: (y: number) => string }

function marksPlugin(box: { current: readonly Mark[] }): Plugin {
  return {
    id: 'marks',
    afterDatasetsDraw(chart: Chart) {
      const { ctx, scales: { x, y }, chartArea: area } = chart;
      if (!x || !y || !area) return;
      const colours = readColours();
      const at = (mark: { x: number; y: number }) => [x.getPixelForValue(mark.x), y.getPixelForValue(mark.y)] as const;
      ctx.save();
      const front = paretoFront(box.current.filter((mark) => mark.state !== 'rejected'));
      ctx.strokeStyle = colours.dim;
      ctx.setLineDash([3, 3]);
      ctx.beginPath();
      front.forEach((mark, index) => { const [px, py] = at(mark); if (index === 0) ctx.moveTo(px, py); else ctx.lineTo(px, py); });
      ctx.stroke();
      const taken: { left: number; right: number; top: number; bottom: number }[] = [];
      for (const mark of box.current.slice().sort((a, b) => (a.state === 'chosen' ? 1 : 0) - (b.state === 'chosen' ? 1 : 0))) {
        const [px, py] = at(mark);
        ctx.setLineDash(mark.state === 'rejected' ? [3, 2] : []);
        ctx.lineWidth = 1.25;
        ctx.fillStyle = mark.state === 'chosen' ? colours.accent : mark.state === 'kept' ? withAlpha(colours.series[0], 0.45) : 'transparent';
        ctx.strokeStyle = mark.state === 'chosen' ? colours.accent : mark.state === 'kept' ? colours.series[0] : colours.dim;
        ctx.beginPath();
        ctx.arc(px, py, mark.radius, 0, Math.PI * 2);
        ctx.fill();
        ctx.stroke();
        ctx.setLineDash([]);
        ctx.font = `${mark.state === 'chosen' ? 650 : 400} ${chartFont.size}px ${chartFont.family}`;
        const width = ctx.measureText(mark.name).width;
        const places = [{ dx: mark.radius + 6, dy: 4 }, { dx: -mark.radius - 6 - width, dy: 4 }, { dx: -width / 2, dy: mark.radius + 14 }, { dx: -width / 2, dy: -mark.radius - 6 }];
        const free = places.map(({ dx, dy }) => ({ left: px + dx, right: px + dx + width, top: py + dy - 11, bottom: py + dy + 2 }))
          .find((place) => place.left > area.left && place.right < area.right && place.top > area.top - 8 && !taken.some((other) => place.left < other.right && place.right > other.left && place.top < other.bottom && place.bottom > other.top));
        const place = free ?? { left: px + mark.radius + 6, right: px + mark.radius + 6 + width, top: py - 7, bottom: py + 6 };
        taken.push(place);
        ctx.fillStyle = mark.state === 'chosen' ? colours.text : colours.dim;
        ctx.textAlign = 'left';
        ctx.fillText(mark.name, place.left, place.bottom - 2);
      }
      ctx.restore();
    },
  };
}

export function ScatterChart({ label, marks, xTitle, xMin = 0, xMax, yMin, yMax, goodUpToX = null, height = 280, formatX, formatY }: ScatterChartProps) {
  const annotations = useRef<Annotations>(noAnnotations());
  const drawn = useRef(marks);
  const { canvas, draw } = useChart(
    (): ChartConfiguration => ({
      type: 'scatter', data: { datasets: [{ data: [] }] }, plugins: [annotationsPlugin(annotations), marksPlugin(drawn)],
      options: { ...tunedOptions, layout: { padding: { top: 12, right: 10 } }, scales: { x: { type: 'linear', grid: { display: false }, border: { display: false }, title: { display: true, font: chartFont }, ticks: { font: chartFont, maxTicksLimit: 6 } }, y: { type: 'linear', border: { display: false }, ticks: { font: chartFont, padding: 6 } } } },
    }),
    (made, colours) => {
      drawn.current = marks;
      annotations.current = { ...noAnnotations(), goodUpToX };
      made.data.datasets = [{ data: marks.map(({ x, y }) => ({ x, y })) }];
      const { x, y } = made.options.scales ?? {};
      Object.assign(x ?? {}, { min: xMin, max: xMax, title: { display: true, text: xTitle, color: colours.dim, font: chartFont } });
      Object.assign(y ?? {}, { min: yMin, max: yMax, grid: { color: colours.line, drawTicks: false } });
      Object.assign(x?.ticks ?? {}, { color: colours.dim, callback: (value: number) => formatX(value) });
      Object.assign(y?.ticks ?? {}, { color: colours.dim, stepSize: niceStep(yMax - yMin, 4), callback: (value: number) => formatY(value) });
    },
  );
  useEffect(draw);
  return <div className="plot" style={{ height }}><canvas ref={canvas} role="img" aria-label={`${label}: ${marks.map((mark) => `${mark.name} ${formatX(mark.x)}, ${formatY(mark.y)}${mark.state === 'chosen' ? ' (chosen)' : mark.state === 'rejected' ? ' (rejected)' : ''}`).join('; ')}`} /></div>;
}
