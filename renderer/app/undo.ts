// Removals that can be taken back: the host is asked only when the time to undo has passed.
import { useSyncExternalStore } from 'react';

export interface Pending { readonly key: string; readonly text: string; readonly undo: () => void }
const undoMs = 6000;
let pending: readonly Pending[] = [];
const listeners = new Set<() => void>();
const commits = new Map<string, () => void>();
const set = (next: readonly Pending[]) => { pending = next; listeners.forEach((listener) => listener()); };
const drop = (key: string) => { commits.delete(key); set(pending.filter((each) => each.key !== key)); };

/** Hides the thing at once and commits after six seconds, or when the page is left. */
export function removeWithUndo(key: string, text: string, commit: () => void): void {
  if (commits.has(key)) return;
  const run = () => { clearTimeout(timer); if (commits.has(key)) { drop(key); commit(); } };
  const timer = setTimeout(run, undoMs);
  commits.set(key, run);
  set([...pending, { key, text, undo: () => { clearTimeout(timer); drop(key); } }]);
}

if (typeof window !== 'undefined') window.addEventListener('pagehide', () => commits.forEach((run) => run()));

export const pendingRemovals = (): readonly Pending[] => pending;
export function usePending(): readonly Pending[] {
  return useSyncExternalStore((listener) => { listeners.add(listener); return () => listeners.delete(listener); }, pendingRemovals);
}
/** Rows that are not about to be removed. */
export function useNotPending<T>(rows: readonly T[] | undefined, keyOf: (row: T) => string): readonly T[] {
  const hidden = usePending();
  return (rows ?? []).filter((row) => !hidden.some((each) => each.key === keyOf(row)));
}
