// The fields on the screen that hold something other than what they take: the next step waits until they are put right.
import { useEffect, useSyncExternalStore } from 'react';

export interface BadField { readonly label: string; readonly sentence: string }
let bad: ReadonlyMap<string, BadField> = new Map();
const listeners = new Set<() => void>();
const set = (next: ReadonlyMap<string, BadField>) => { bad = next; listeners.forEach((listener) => listener()); };
const subscribe = (listener: () => void) => { listeners.add(listener); return () => { listeners.delete(listener); }; };

/** @returns what takes it off the list again */
export function markBad(id: string, field: BadField): () => void {
  set(new Map(bad).set(id, field));
  return () => { const rest = new Map(bad); rest.delete(id); set(rest); };
}
/** The first bad field, in the order in which they went wrong. */
export const firstBad = (): BadField | null => bad.values().next().value ?? null;

/** @param sentence what the field takes, while it holds something else; null while it is right */
export function useMarkBad(id: string, label: string, sentence: string | null): void {
  useEffect(() => (sentence === null ? undefined : markBad(id, { label, sentence })), [id, label, sentence]);
}
export const useFirstBad = (): BadField | null => useSyncExternalStore(subscribe, firstBad);
