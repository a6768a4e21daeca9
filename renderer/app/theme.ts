// Applies the theme to the document; the last one is remembered so that the first paint is right.
import type { Settings } from '#shared/contract/app';
import { shellBridge } from '../api/shell.ts';

export type Theme = Settings['theme'];
const key = 'millwright-theme';
const isTheme = (value: string | null): value is Theme => value === 'system' || value === 'dark' || value === 'light' || value === 'contrast';

export function rememberedTheme(): Theme {
  try { const stored = localStorage.getItem(key); return isTheme(stored) ? stored : 'system'; } catch { return 'system'; }
}

const prefersLight = () => window.matchMedia('(prefers-color-scheme: light)').matches;
let current: Theme = 'system';

export function applyTheme(theme: Theme): void {
  current = theme;
  const shown = theme === 'system' ? (window.matchMedia('(prefers-contrast: more)').matches ? 'contrast' : prefersLight() ? 'light' : 'dark') : theme;
  const root = document.documentElement;
  root.dataset.theme = shown;
  root.dataset.mantineColorScheme = shown === 'light' ? 'light' : 'dark';
  try { localStorage.setItem(key, theme); } catch { /* a private window may have no storage; the theme still applies */ }
  void shellBridge()?.setTheme?.(theme === 'contrast' ? 'dark' : theme);
}

/** Follows the system's choice while the theme is "system". */
export function followSystemTheme(): void {
  window.matchMedia('(prefers-color-scheme: light)').addEventListener('change', () => { if (current === 'system') applyTheme('system'); });
}
