// Reads an operation of the host; the answer is read again when its noun changes or the host comes back.
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { EventOf, InputOf, OutputOf, QueryName, StreamName } from '#shared/contract/index';
import type { AppError } from '#shared/errors';
import { useApi, useConnectionState } from './ApiProvider.tsx';
import { toAppError, type OpState } from './opCache.ts';

export interface OpResult<T> extends OpState<T> { readonly reload: () => void }

const nothing: OpState<never> = { data: undefined, error: null, loading: false, at: 0 };

/** With input null nothing is asked (a choice that it depends on is not made yet). */
export function useOp<N extends QueryName>(op: N, input: InputOf<N> | null): OpResult<OutputOf<N>> {
  const { cache } = useApi();
  const key = input === null ? null : JSON.stringify(input);
  const stable = useMemo<unknown>(() => (key === null ? null : JSON.parse(key)), [key]);
  const subscribe = useCallback((listener: () => void) => (stable === null ? () => undefined : cache.subscribe(op, stable, listener)), [cache, op, stable]);
  const state = useSyncExternalStore(subscribe, () => (stable === null ? nothing : cache.get(op, stable))) as OpState<OutputOf<N>>;
  const reload = useCallback(() => { if (stable !== null) cache.reload(op, stable); }, [cache, op, stable]);
  return { ...state, reload };
}

/** Follows a stream while mounted, and again after the host came back. */
export function useStream<N extends StreamName>(op: N, input: InputOf<N> | null, onEvent: (event: EventOf<N>) => void): AppError | null {
  const { connection } = useApi();
  const { epoch } = useConnectionState();
  const [failure, setFailure] = useState<{ readonly attempt: string; readonly error: AppError } | null>(null);
  const listener = useRef(onEvent);
  useEffect(() => { listener.current = onEvent; });
  const key = input === null ? null : JSON.stringify(input);
  // A new attempt has not failed yet: the error of an earlier one is not shown for it.
  const attempt = `${op} ${epoch} ${key ?? ''}`;
  useEffect(() => {
    if (key === null) return;
    const controller = new AbortController();
    connection.call(op, JSON.parse(key) as InputOf<N>, { signal: controller.signal, onEvent: (event) => listener.current(event) })
      .catch((reason: unknown) => { const error = toAppError(reason); if (error.code !== 'CANCELLED' && error.code !== 'CONNECTION_LOST') setFailure({ attempt, error }); });
    return () => controller.abort();
  }, [connection, op, key, attempt]);
  return failure?.attempt === attempt ? failure.error : null;
}

export interface Action<N extends QueryName> { readonly run: (input: InputOf<N>) => Promise<OutputOf<N> | null>; readonly busy: boolean; readonly error: AppError | null; readonly clear: () => void }

/** A query that changes something, called by a button; errors are kept to be shown beside it. */
export function useAction<N extends QueryName>(op: N): Action<N> {
  const { connection } = useApi();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<AppError | null>(null);
  const run = useCallback(async (input: InputOf<N>): Promise<OutputOf<N> | null> => {
    setBusy(true);
    setError(null);
    try { return (await connection.call(op, input)) as OutputOf<N>; }
    catch (reason) { setError(toAppError(reason)); return null; }
    finally { setBusy(false); }
  }, [connection, op]);
  const clear = useCallback(() => setError(null), []);
  return { run, busy, error, clear };
}
