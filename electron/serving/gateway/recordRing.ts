// The last entries, by number and by bytes.
export interface RecordRing<T> {
  push(entry: T, bytes: number): void;
  /** Oldest first. */
  entries(): readonly T[];
  bytes(): number;
  limit(entries: number): void;
  clear(): void;
}

/** The newest entry stays even where it alone is larger than `bytesMax`. */
export function makeRing<T>(bytesMax: number): RecordRing<T> {
  let entriesMax = Infinity;
  let held = 0;
  const kept: T[] = [];
  const sizes: number[] = [];
  const trim = () => {
    let gone = 0;
    while (kept.length - gone > 1 && (kept.length - gone > entriesMax || held > bytesMax)) held -= sizes[gone++] ?? 0;
    kept.splice(0, gone);
    sizes.splice(0, gone);
  };
  return {
    push(entry, bytes) { kept.push(entry); sizes.push(bytes); held += bytes; trim(); },
    entries: () => kept,
    bytes: () => held,
    limit(entries) { entriesMax = entries; trim(); },
    clear() { kept.length = 0; sizes.length = 0; held = 0; },
  };
}
