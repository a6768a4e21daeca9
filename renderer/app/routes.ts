// The page's address in the URL hash: place, thing and view, so that each screen can be linked, reloaded and gone back to.
import { useCallback, useSyncExternalStore } from 'react';

export const places = ['stations', 'machine', 'models', 'datasets', 'optimise', 'validate', 'serving', 'evidence', 'transfer'] as const;
export const otherPages = ['settings', 'help'] as const;
export type Place = (typeof places)[number] | (typeof otherPages)[number];
export const placeTitles: Readonly<Record<Place, string>> = {
  stations: 'Stations', machine: 'Machine', models: 'Models', datasets: 'Datasets', optimise: 'Optimise', validate: 'Validate', serving: 'Serving', evidence: 'Evidence', transfer: 'Transfer', settings: 'Settings', help: 'Keyboard and help',
};

export interface Route { readonly place: Place; readonly id: string | null; readonly query: Readonly<Record<string, string>> }

const isPlace = (value: string): value is Place => Object.hasOwn(placeTitles, value);
const decode = (text: string): string => { try { return decodeURIComponent(text); } catch { return text; } };

/** "#/models/m1?tab=graph" → { place: 'models', id: 'm1', query: { tab: 'graph' } }; anything unknown is the home. */
export function parseRoute(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const [first = '', second] = path.split('/');
  if (!isPlace(first)) return { place: 'stations', id: null, query: {} };
  return { place: first, id: second ? decode(second) : null, query: Object.fromEntries(new URLSearchParams(search)) };
}

/** Leaves out what is null or empty, so that one route has one address. */
export function routeHref(place: Place, id: string | null = null, query: Readonly<Record<string, string | null | undefined>> = {}): string {
  const search = new URLSearchParams(Object.entries(query).flatMap(([key, value]) => (value ? [[key, value]] : []))).toString();
  return `#/${place}${id ? `/${encodeURIComponent(id)}` : ''}${search ? `?${search}` : ''}`;
}

const subscribe = (listener: () => void) => { window.addEventListener('hashchange', listener); return () => window.removeEventListener('hashchange', listener); };
const snapshot = () => window.location.hash;

export function navigate(href: string, options: { readonly replace?: boolean } = {}): void {
  if (!options.replace) { window.location.hash = href; return; }
  window.history.replaceState(null, '', href);
  window.dispatchEvent(new HashChangeEvent('hashchange'));
}

export interface Navigation extends Route { readonly setQuery: (change: Readonly<Record<string, string | null>>) => void }

/** The present route, and a way to change the view within it without adding to the history. */
export function useRoute(): Navigation {
  const route = parseRoute(useSyncExternalStore(subscribe, snapshot));
  const setQuery = useCallback((change: Readonly<Record<string, string | null>>) => {
    const now = parseRoute(window.location.hash);
    navigate(routeHref(now.place, now.id, { ...now.query, ...change }), { replace: true });
  }, []);
  return { ...route, setQuery };
}
