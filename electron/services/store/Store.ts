// The embedded database as its users see it: collections of records, the audit chain, and word of what changed.
import type { z } from 'zod';
import type { nouns } from '#shared/contract/app';
import type { AuditEntry } from '#shared/contract/evidence';
import type { Finding } from '#shared/finding';

export type Noun = (typeof nouns)[number];

export interface Collection<T extends { readonly id: string }> {
  get(id: string): T | null;
  /** All records, newest first. */
  list(): T[];
  /** Inserts or replaces; durable when it returns. */
  put(record: T): void;
  remove(id: string): boolean;
}

export interface Store {
  /** Records are checked against the schema when read; one that does not fit is reported, not returned. */
  collection<T extends { readonly id: string }>(noun: Noun, schema: z.ZodType<T>): Collection<T>;
  /** Small named values: settings, last machine report. */
  value<T>(name: string, schema: z.ZodType<T>): { get(): T | null; set(value: T): void };
  readonly audit: {
    /** Appends to the hash chain: hash = SHA-256(prevHash + canonical JSON of the entry). */
    append(entry: { actor: string; action: string; subject: string; detail?: unknown }): AuditEntry;
    /** Writes `clock.jump` where the wall clock jumped since the last look, or is behind the last entry; `append` does so too, before its entry. Outside of `atomically`. */
    checkClock(): AuditEntry | null;
    list(limit: number): { entries: AuditEntry[]; total: number };
    all(): Iterable<AuditEntry>;
  };
  /** Records, jobs with their logs and checkpoints, and counters that were changed, removed or added past Millwright, each with its place. */
  checkRecords(): Finding[];
  /** All of the steps or none, alone among all processes; who listens is told once it is durable. The steps do not wait for anything. */
  atomically<T>(steps: () => T): T;
  /** A whole and consistent copy of the database as one new file, while others go on writing. */
  copyTo(path: string): void;
  onChange(listener: (change: { noun: Noun; id: string | null }) => void): () => void;
  close(): void;
}
