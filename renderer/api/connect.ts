// One `Call` for the whole page, over whatever pipe the shell gives, that outlives restarts of the host.
import type { Call } from '#shared/contract/index';
import { AppError } from '#shared/errors';
import { connectChannel, type RawCall } from '#shared/rpc';
import { portTransport, socketTransport, type Transport } from './channels.ts';
import { shellBridge } from './shell.ts';

export interface ConnectionState {
  readonly phase: 'connecting' | 'online' | 'lost';
  /** Grows by one with each new channel; streams and queries start again when it changes. */
  readonly epoch: number;
  readonly reason: string;
}

export interface Connection {
  readonly call: Call;
  readonly state: () => ConnectionState;
  readonly subscribe: (listener: () => void) => () => void;
  readonly close: () => void;
}

/** Calls made while the host is away wait for it, until their signal is aborted. */
export function createConnection(transport: Transport): Connection {
  let state: ConnectionState = { phase: 'connecting', epoch: 0, reason: '' };
  let raw: RawCall | null = null;
  const listeners = new Set<() => void>();
  const waiting = new Set<() => void>();
  const set = (next: ConnectionState) => { state = next; listeners.forEach((listener) => listener()); };

  const stop = transport({
    onChannel(channel) {
      raw = connectChannel(channel);
      const mine = raw;
      channel.onClose(() => { if (raw === mine) raw = null; });
      set({ phase: 'online', epoch: state.epoch + 1, reason: '' });
      for (const wake of Array.from(waiting)) wake();
    },
    onLost(reason) { raw = null; set({ phase: 'lost', epoch: state.epoch, reason }); },
  });

  const ready = (signal: AbortSignal | undefined) => new Promise<RawCall>((resolve, reject) => {
    if (raw) return resolve(raw);
    const wake = () => { if (raw) { done(); resolve(raw); } };
    const onAbort = () => { done(); reject(new AppError('CANCELLED', 'Cancelled.')); };
    const done = () => { waiting.delete(wake); signal?.removeEventListener('abort', onAbort); };
    if (signal?.aborted) return onAbort();
    waiting.add(wake);
    signal?.addEventListener('abort', onAbort, { once: true });
  });

  const call = async (op: string, input: unknown, options?: { signal?: AbortSignal; onEvent?: (event: unknown) => void }) => (await ready(options?.signal))(op, input, options);
  return {
    call: call as Call, // the host checks every input and output against the contract; the page trusts its own host
    state: () => state,
    subscribe: (listener) => { listeners.add(listener); return () => listeners.delete(listener); },
    close: stop,
  };
}

/** The connection of this page: the shell's port in the desktop, a socket in the browser. */
export const connectPage = (): Connection => createConnection(shellBridge() ? portTransport : socketTransport);
