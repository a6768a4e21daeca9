// The key store of the operating system as services see it: each step in a worker process with a deadline, and what was read is remembered by this process.
import { AppError, isAppError } from '#shared/errors';
import { runTask } from '../workers/runTask.ts';
import type { WorkerLauncher } from '../workers/WorkerLauncher.ts';
import type { OsStoreInput } from './osStoreTask.ts';

export interface OsStore {
  /** Where a key that is made here for the first time is kept, if the store works. */
  readonly forNewKeys: boolean;
  /** Without asking the store; null where this process has not read it yet. */
  remembered(account: string): string | null;
  /** Null: the store has no such entry. KEY_STORE_UNAVAILABLE. */
  read(account: string): Promise<string | null>;
  /** Written and read back. KEY_STORE_UNAVAILABLE. */
  write(account: string, secret: string): Promise<void>;
  /** For what is of no use any more, so that a store that does not answer is no failure: then it is false. */
  forget(account: string): Promise<boolean>;
  /** Ends what still waits for the store. */
  close(): Promise<void>;
}

/** One step on the store; the signal ends it. */
export type OsStoreStep = (input: OsStoreInput, signal: AbortSignal) => Promise<{ readonly secret: string | null }>;

const service = 'Millwright';
/** Long enough to type the password of a keyring; a store that never answers ends in a sentence. */
const readDeadlineMs = 30_000;
const writeDeadlineMs = 15_000;

export const osStoreIn = (workers: WorkerLauncher): OsStoreStep => (input, signal) => runTask(workers, 'keystore.step', input, { signal });

export function openOsStore(step: OsStoreStep, { forNewKeys, deadlineMs }: { readonly forNewKeys: boolean; readonly deadlineMs?: number }): OsStore {
  const secrets = new Map<string, string>();
  const reading = new Map<string, Promise<string | null>>();
  const closing = new AbortController();
  const inFlight = new Set<Promise<unknown>>();

  async function bounded(input: OsStoreInput, withinMs: number): Promise<string | null> {
    if (closing.signal.aborted) throw new AppError('CONNECTION_LOST', 'The host is closing.');
    const late = new AbortController();
    const end = () => late.abort();
    const timer = setTimeout(end, deadlineMs ?? withinMs);
    closing.signal.addEventListener('abort', end, { once: true });
    const running = step(input, late.signal);
    inFlight.add(running);
    try {
      return (await running).secret;
    } catch (error) {
      if (closing.signal.aborted) throw new AppError('CONNECTION_LOST', 'The host is closing.');
      if (late.signal.aborted) throw new AppError('KEY_STORE_UNAVAILABLE', `The key store of the operating system did not answer within ${Math.ceil((deadlineMs ?? withinMs) / 1000)} s; it may be locked.`, { cause: error });
      throw isAppError(error) && error.code === 'KEY_STORE_UNAVAILABLE' ? error : new AppError('KEY_STORE_UNAVAILABLE', 'The key store of the operating system cannot be reached from here.', { cause: error });
    } finally {
      clearTimeout(timer);
      closing.signal.removeEventListener('abort', end);
      inFlight.delete(running);
    }
  }

  const readOnce = async (account: string) => {
    const secret = await bounded({ step: 'read', service, account }, readDeadlineMs);
    if (secret !== null) secrets.set(account, secret);
    return secret;
  };
  const forget = async (account: string) => {
    secrets.delete(account);
    return bounded({ step: 'remove', service, account }, writeDeadlineMs).then(() => true, () => false);
  };
  return {
    forNewKeys, forget,
    remembered: (account) => secrets.get(account) ?? null,
    read(account) {
      const known = secrets.get(account);
      if (known !== undefined) return Promise.resolve(known);
      // A locked store asks the person once, not for each caller.
      const asked = reading.get(account) ?? readOnce(account).finally(() => reading.delete(account));
      reading.set(account, asked);
      return asked;
    },
    async write(account, secret) {
      const held = await bounded({ step: 'write', service, account, secret }, writeDeadlineMs);
      if (held !== secret) throw new AppError('KEY_STORE_UNAVAILABLE', 'The key store of the operating system did not keep what was written to it.');
      secrets.set(account, secret);
    },
    async close() {
      closing.abort();
      await Promise.allSettled(inFlight);
    },
  };
}
