// A first-in, first-out queue of bounded length whose entries can be taken out before their turn.
export interface RequestQueue<T> {
  readonly length: number;
  /** False when it is full. */
  push(entry: T): boolean;
  shift(): T | undefined;
  peek(): T | undefined;
  remove(entry: T): boolean;
  has(entry: T): boolean;
}

export function createRequestQueue<T>(lengthMax: number): RequestQueue<T> {
  const entries = new Set<T>(); // keeps the order of insertion, and removes from the middle at no cost
  return {
    get length() { return entries.size; },
    push(entry) {
      if (entries.size >= lengthMax) return false;
      entries.add(entry);
      return true;
    },
    shift() {
      for (const entry of entries) {
        entries.delete(entry);
        return entry;
      }
      return undefined;
    },
    peek() {
      for (const entry of entries) return entry;
      return undefined;
    },
    remove: (entry) => entries.delete(entry),
    has: (entry) => entries.has(entry),
  };
}
