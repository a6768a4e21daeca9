// Named points on two axes, their size a third: the chosen one filled in the accent, rejected ones as dashed rings, the front as a dotted line.
import type { Chart, ChartConfiguration, Plugin } from 'chart.js';
import { useEffect, useRef } from 'react';
import { annotationsPlugin, noAnnotations, outlinedText, type Annotations, type EventMark } from './annotations.ts';
import { chartFont, readColours, tunedOptions, withAlpha } from './chartTheme.ts';
import { niceStep, paretoFront } from './series.ts';
import { useChart } from './useChart.ts';

export interface Mark { readonly name: string; readonly x: number; readonly y: number; readonly state: 'chosen' | 'kept' | 'rejected'; /** Radius in pixels. */ readonly radius: number }
export interface ScatterChartProps { readonly label: string; readonly marks: readonly Mark[]; readonly xTitle: string; readonly xMin?: number; readonly xMax: number; readonly yMin: number; readonly yMax: number; readonly xStep?: number; readonly yStep?: number; readonly events?: readonly EventMark[]; readonly goodUpToX?: number | null; readonly height?: number; readonly formatX: (x: number) => string; readonly formatY: (y: number) => string }

interface Box { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number }
const overlaps = (a: Box, b: Box) => a.left < b.right && a.right > b.left && a.top < b.bottom && a.bottom > b.top;

/** Where the names of marks can stand without covering a mark or another name; null where there is no room. The order given is the order of rights. */
export function placeLabels(marks: readonly { readonly x: number; readonly y: number; readonly radius: number; readonly width: number }[], area: Box): readonly (Box | null)[] {
  const taken: Box[] = [];
  return marks.map((mark, index) => {
    const others = marks.flatMap((each, at): Box[] => (at === index ? [] : [{ left: each.x - each.radius, right: each.x + each.radius, top: each.y - each.radius, bottom: each.y + each.radius }]));
    const { radius, width } = mark;
    const places = [[radius + 6, -7], [-radius - 6 - width, -7], [-width / 2, radius + 3], [-width / 2, -radius - 16], [radius + 4, radius], [radius + 4, -radius - 13], [-radius - 4 - width, radius], [-radius - 4 - width, -radius - 13]] as const;
    const found = places.map(([dx, dy]): Box => ({ left: mark.x + dx, right: mark.x + dx + width, top: mark.y + dy, bottom: mark.y + dy + 13 }))
      .find((place) => place.left > area.left && place.right < area.right && place.top > area.top && place.bottom < area.bottom && !taken.some((other) => overlaps(place, other)) && !others.some((other) => overlaps(place, other))) ?? null;
    if (found) taken.push(found);
    return found;
  });
}

const rank = { chosen: 0, kept: 1, rejected: 2 } as const;
function marksPlugin(box: { current: readonly Mark[] }): Plugin {
  return {
    id: 'marks',
    afterDatasetsDraw(chart: Chart) {
      const { ctx, scales: { x, y }, chartArea: area } = chart;
      if (!x || !y || !area) return;
      const colours = readColours();
      const byRank = box.current.slice().sort((a, b) => rank[a.state] - rank[b.state]).map((mark) => ({ ...mark, at: { x: x.getPixelForValue(mark.x), y: y.getPixelForValue(mark.y) } }));
      ctx.save();
      ctx.strokeStyle = colours.dim;
      ctx.setLineDash([3, 3]);
      ctx.beginPath();
      paretoFront(byRank.filter((mark) => mark.state !== 'rejected')).forEach(({ at }, index) => { if (index === 0) ctx.moveTo(at.x, at.y); else ctx.lineTo(at.x, at.y); });
      ctx.stroke();
      ctx.lineWidth = 1.25;
      for (const mark of byRank.slice().reverse()) {
        ctx.setLineDash(mark.state === 'rejected' ? [3, 2] : []);
        ctx.fillStyle = mark.state === 'chosen' ? colours.accent : mark.state === 'kept' ? withAlpha(colours.series[0], 0.45) : 'transparent';
        ctx.strokeStyle = mark.state === 'chosen' ? colours.accent : mark.state === 'kept' ? colours.series[0] : colours.dim;
        ctx.beginPath();
        ctx.arc(mark.at.x, mark.at.y, mark.radius, 0, Math.PI * 2);
        ctx.fill();
        ctx.stroke();
      }
      const font = (mark: Mark) => `${mark.state === 'chosen' ? 650 : 400} ${chartFont.size}px ${chartFont.family}`;
      const places = placeLabels(byRank.map((mark) => { ctx.font = font(mark); return { ...mark.at, radius: mark.radius, width: ctx.measureText(mark.name).width }; }), { ...area, left: area.left, right: area.right, top: area.top - 18, bottom: area.bottom });
      ctx.textAlign = 'left';
      byRank.forEach((mark, index) => {
        const place = places[index];
        if (!place) return;
        ctx.font = font(mark);
        ctx.fillStyle = mark.state === 'chosen' ? colours.text : colours.dim;
        outlinedText(ctx, mark.name, place.left, place.bottom - 3, colours.card);
      });
      ctx.restore();
    },
  };
}

export function ScatterChart({ label, marks, xTitle, xMin = 0, xMax, xStep, yMin, yMax, yStep, events = [], goodUpToX = null, height = 280, formatX, formatY }: ScatterChartProps) {
  const annotations = useRef<Annotations>(noAnnotations());
  const drawn = useRef(marks);
  const { canvas, draw } = useChart(
    (): ChartConfiguration => ({
      type: 'scatter', data: { datasets: [{ data: [] }] }, plugins: [annotationsPlugin(annotations), marksPlugin(drawn)],
      options: { ...tunedOptions, layout: { padding: { top: 22, right: 10 } }, scales: { x: { type: 'linear', grid: { display: false }, border: { display: false }, title: { display: true, font: chartFont }, ticks: { font: chartFont, maxTicksLimit: 6 } }, y: { type: 'linear', border: { display: false }, ticks: { font: chartFont, padding: 6 } } } },
    }),
    (made, colours) => {
      drawn.current = marks;
      annotations.current = { ...noAnnotations(), events, goodUpToX };
      made.data.datasets = [{ data: marks.map(({ x, y }) => ({ x, y })) }];
      const { x, y } = made.options.scales ?? {};
      Object.assign(x ?? {}, { min: xMin, max: xMax, title: { display: true, text: xTitle, color: colours.dim, font: chartFont } });
      Object.assign(y ?? {}, { min: yMin, max: yMax, grid: { color: colours.line, drawTicks: false } });
      Object.assign(x?.ticks ?? {}, { color: colours.dim, ...(xStep ? { stepSize: xStep } : {}), callback: (value: number) => formatX(value) });
      Object.assign(y?.ticks ?? {}, { color: colours.dim, stepSize: yStep ?? niceStep(yMax - yMin, 4), callback: (value: number) => formatY(value) });
    },
  );
  useEffect(draw);
  return <div className="plot" style={{ height }}><canvas ref={canvas} role="img" aria-label={`${label}: ${marks.map((mark) => `${mark.name} ${formatX(mark.x)}, ${formatY(mark.y)}${mark.state === 'chosen' ? ' (chosen)' : mark.state === 'rejected' ? ' (rejected)' : ''}`).join('; ')}`} /></div>;
}
