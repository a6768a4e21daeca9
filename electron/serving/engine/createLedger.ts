// What is under way, by numbers that are used again. An array and no Map, for the reason that is given in FairQueue.ts.
export interface Ledger<T> {
  readonly size: number;
  /** Answers its number. */
  add(entry: T): number;
  get(id: number): T | undefined;
  /** Takes it out; its number goes to another. */
  take(id: number): T | undefined;
  /** As they are now, with their numbers. */
  all(): (readonly [id: number, entry: T])[];
}

export function createLedger<T>(): Ledger<T> {
  const entries: (T | undefined)[] = [];
  const free: number[] = [];
  return {
    get size() { return entries.length - free.length; },
    add(entry) {
      const id = free.pop() ?? entries.length;
      entries[id] = entry;
      return id;
    },
    get: (id) => entries[id],
    take(id) {
      const entry = entries[id];
      if (entry !== undefined) { entries[id] = undefined; free.push(id); }
      return entry;
    },
    all: () => entries.flatMap((entry, id) => (entry === undefined ? [] : [[id, entry] as const])),
  };
}
