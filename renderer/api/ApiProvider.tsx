// Gives the page its connection, the cache of answers and the list of jobs, and keeps them fresh.
import { createContext, useContext, useEffect, useMemo, useSyncExternalStore, type ReactNode } from 'react';
import { AppError } from '#shared/errors';
import type { Connection, ConnectionState } from './connect.ts';
import { createJobStore, type JobStore } from './jobStore.ts';
import { createOpCache, type OpCache } from './opCache.ts';

interface Api { readonly connection: Connection; readonly cache: OpCache; readonly jobs: JobStore }
const ApiContext = createContext<Api | null>(null);

export function useApi(): Api {
  const api = useContext(ApiContext);
  if (!api) throw new AppError('INTERNAL', 'This part of the page stands outside its connection.');
  return api;
}

export function useConnectionState(): ConnectionState {
  const { connection } = useApi();
  return useSyncExternalStore(connection.subscribe, connection.state);
}

function Upkeep() {
  const { connection, cache, jobs } = useApi();
  const { epoch } = useConnectionState();
  useEffect(() => {
    if (epoch === 0) return;
    if (epoch > 1) cache.invalidate(null);
    const controller = new AbortController();
    const changed = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const flush = () => { timer = undefined; changed.forEach((noun) => cache.invalidate(noun)); changed.clear(); };
    connection.call('app.changes', {}, {
      signal: controller.signal,
      onEvent: ({ noun }) => { changed.add(noun); cache.outdate(noun); timer ??= setTimeout(flush, 150); }, // a burst of changes is read once
    }).catch(() => undefined);
    const stopJobs = jobs.follow();
    return () => { controller.abort(); clearTimeout(timer); stopJobs(); };
  }, [connection, cache, jobs, epoch]);
  return null;
}

export function ApiProvider({ connection, children }: { readonly connection: Connection; readonly children: ReactNode }) {
  const api = useMemo<Api>(() => ({ connection, cache: createOpCache(connection.call), jobs: createJobStore(connection.call) }), [connection]);
  return <ApiContext value={api}><Upkeep />{children}</ApiContext>;
}
