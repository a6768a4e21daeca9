// Answers of queries, kept by operation and input, read again when the host says that their noun changed.
import type { Call, InputOf, OutputOf, QueryName } from '#shared/contract/index';
import { AppError, isAppError } from '#shared/errors';

export interface OpState<T> { readonly data: T | undefined; readonly error: AppError | null; readonly loading: boolean; readonly at: number }
interface Entry { state: OpState<unknown>; readonly op: QueryName; readonly input: unknown; readonly listeners: Set<() => void>; fresh: boolean; run: number }

/** Which noun of `app.changes` makes an answer old; null = only by hand (dear, or not about the store). */
export function nounOf(op: QueryName): string | null {
  if (op === 'validation.listLimits') return 'limits';
  if (op === 'app.settings' || op === 'app.saveSettings') return 'settings';
  if (op.startsWith('keys.')) return 'audit'; // each change of the keys is an entry there
  const fixed: readonly QueryName[] = ['machine.inspect', 'app.info', 'models.graph', 'models.diff', 'models.show', 'models.fit', 'models.check', 'datasets.check', 'datasets.plan', 'datasets.samples', 'evidence.verify', 'validation.checkLimits', 'validation.costDial', 'transfer.check', 'court.card', 'agreement.card'];
  if (fixed.includes(op)) return null;
  const noun = op.split('.')[0] ?? '';
  return noun === 'validation' ? 'validations' : noun;
}

const idle: OpState<never> = { data: undefined, error: null, loading: true, at: 0 };
export const toAppError = (error: unknown): AppError => (isAppError(error) ? error : new AppError('INTERNAL', 'Something went wrong in the page.', { cause: error }));

export interface OpCache {
  subscribe(op: QueryName, input: unknown, listener: () => void): () => void;
  get(op: QueryName, input: unknown): OpState<unknown>;
  reload(op: QueryName, input: unknown): void;
  /** A noun changed in the store, or everything (null) after a reconnect: what is looked at is read again. */
  invalidate(noun: string | null): void;
  /** The same without reading yet, for the first of many changes: nobody who comes to a screen meanwhile gets the old answer for good. */
  outdate(noun: string): void;
}

export function createOpCache(call: Call): OpCache {
  const entries = new Map<string, Entry>();
  const keyOf = (op: string, input: unknown) => `${op} ${JSON.stringify(input)}`;
  const entryOf = (op: QueryName, input: unknown): Entry => {
    const key = keyOf(op, input);
    let entry = entries.get(key);
    if (!entry) entries.set(key, (entry = { state: idle, op, input, listeners: new Set(), fresh: false, run: 0 }));
    return entry;
  };
  const set = (entry: Entry, state: OpState<unknown>) => { entry.state = state; entry.listeners.forEach((listener) => listener()); };
  const load = (entry: Entry) => {
    const run = ++entry.run;
    entry.fresh = true;
    if (!entry.state.loading) set(entry, { ...entry.state, loading: true });
    (call(entry.op, entry.input as InputOf<QueryName>) as Promise<OutputOf<QueryName>>).then(
      (data) => { if (entry.run === run) set(entry, { data, error: null, loading: false, at: Date.now() }); },
      (error: unknown) => {
        if (entry.run !== run) return;
        entry.fresh = false;
        set(entry, { data: entry.state.data, error: toAppError(error), loading: false, at: entry.state.at });
      },
    );
  };
  // An old list is shown while it is read again; an old empty one would invite to begin, and take away what was begun.
  const forgetEmpty = (entry: Entry) => { if (entry.listeners.size === 0 && Array.isArray(entry.state.data) && entry.state.data.length === 0) entry.state = idle; };
  return {
    subscribe(op, input, listener) {
      const entry = entryOf(op, input);
      entry.listeners.add(listener);
      if (!entry.fresh) load(entry);
      return () => {
        entry.listeners.delete(listener);
        if (!entry.fresh || entry.state.loading) forgetEmpty(entry);
      };
    },
    get: (op, input) => entryOf(op, input).state,
    reload: (op, input) => load(entryOf(op, input)),
    invalidate(noun) {
      for (const entry of entries.values()) {
        if (noun !== null && nounOf(entry.op) !== noun) continue;
        if (noun === null && nounOf(entry.op) === null && entry.state.data !== undefined) continue; // a reconnect does not make a dear answer old
        entry.fresh = false;
        if (entry.listeners.size > 0) load(entry);
        else forgetEmpty(entry);
      }
    },
    outdate(noun) {
      for (const entry of entries.values()) if (nounOf(entry.op) === noun) { entry.fresh = false; forgetEmpty(entry); }
    },
  };
}
