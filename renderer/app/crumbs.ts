// The name of the thing that is open, for the path in the top bar and the window's title.
import { useEffect, useSyncExternalStore } from 'react';

let trail: readonly string[] = [];
const listeners = new Set<() => void>();
const set = (next: readonly string[]) => { trail = next; listeners.forEach((listener) => listener()); };

/** Names what is open while the screen stands. */
export function useCrumb(...names: readonly (string | null | undefined)[]): void {
  const key = names.filter(Boolean).join('\u0000');
  useEffect(() => { set(key === '' ? [] : key.split('\u0000')); return () => set([]); }, [key]);
}
export const useCrumbs = (): readonly string[] => useSyncExternalStore((listener) => { listeners.add(listener); return () => listeners.delete(listener); }, () => trail);
