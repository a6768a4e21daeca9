// Makes one Chart.js instance for a canvas and hands out a way to update it; repaints on theme change.
import { Chart, type ChartConfiguration } from 'chart.js';
import { useCallback, useEffect, useLayoutEffect, useRef, type RefObject } from 'react';
import { onThemeChange, readColours, type ChartColours } from './chartTheme.ts';

/**
 * @param make builds the configuration once; @param apply puts the present data and colours into it, at each call of `draw` and on a theme change
 */
export function useChart(make: () => ChartConfiguration, apply: (chart: Chart, colours: ChartColours) => void): { readonly canvas: RefObject<HTMLCanvasElement | null>; readonly draw: () => void; readonly chart: RefObject<Chart | null> } {
  const canvas = useRef<HTMLCanvasElement>(null);
  const chart = useRef<Chart>(null);
  const latest = useRef(apply);
  useLayoutEffect(() => { latest.current = apply; });
  const first = useRef(make);
  const colours = useRef<ChartColours>(null);
  const draw = useCallback(() => {
    if (!chart.current) return;
    colours.current ??= readColours();
    latest.current(chart.current, colours.current);
    chart.current.update('none');
  }, []);
  useEffect(() => {
    if (!canvas.current) return;
    const made = new Chart(canvas.current, first.current());
    chart.current = made;
    draw();
    const stop = onThemeChange(() => { colours.current = null; draw(); });
    return () => { stop(); made.destroy(); chart.current = null; };
  }, [draw]);
  return { canvas, draw, chart };
}
