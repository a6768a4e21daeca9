// A connection to the container engine on which every request has a deadline and every refusal is a sentence.
import type Docker from 'dockerode';
import { AppError, isAppError } from '#shared/errors';
import { connectEngine, type EngineFacts } from './detectEngine.ts';
import type { AddressSources } from './engineAddresses.ts';
import { statusOf, translateDockerError } from './translateDockerError.ts';

export interface AskOptions {
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Engine {
  readonly docker: Docker;
  readonly facts: EngineFacts;
  readonly url: string;
  /** `what` begins the sentence of a failure: "Starting the gateway of Line 1". The signal must go into each request as `abortSignal`. */
  ask<T>(what: string, request: (docker: Docker, abortSignal: AbortSignal) => Promise<T>, options?: AskOptions): Promise<T>;
  /** As ask; answers null where the thing does not exist, or is already in the state that was asked for. */
  askMaybe<T>(what: string, request: (docker: Docker, abortSignal: AbortSignal) => Promise<T>, options?: AskOptions): Promise<T | null>;
}

/** Long enough for a loaded machine; nothing waits for ever. */
const usualDeadlineMs = 30_000;

/** @throws DOCKER_UNAVAILABLE with its reason */
export async function openEngine(sources?: AddressSources): Promise<Engine> {
  const { docker, facts } = await connectEngine(sources);
  const url = facts.socket ?? '';
  const attempt = async <T>(what: string, request: (docker: Docker, abortSignal: AbortSignal) => Promise<T>, { deadlineMs = usualDeadlineMs, signal }: AskOptions): Promise<T> => {
    signal?.throwIfAborted();
    const controller = new AbortController();
    let abort: () => void = () => undefined;
    // Raced as well as aborted: some of the client library's calls do not end when the engine dies.
    const cut = new Promise<never>((_, reject) => {
      const end = (reason: unknown) => { controller.abort(reason); reject(reason); };
      const timer = setTimeout(() => end(new AppError('TIMEOUT', `${what} took longer than ${Math.round(deadlineMs / 1000)} seconds.`, { hint: 'See whether the container engine still answers, and how loaded the machine is.' })), deadlineMs);
      const onAbort = () => end(signal?.reason);
      signal?.addEventListener('abort', onAbort, { once: true });
      abort = () => { clearTimeout(timer); signal?.removeEventListener('abort', onAbort); };
    });
    try {
      return await Promise.race([request(docker, controller.signal), cut]);
    } finally {
      abort();
    }
  };
  return {
    docker, facts, url,
    async ask(what, request, options = {}) {
      try {
        return await attempt(what, request, options);
      } catch (error) {
        if (options.signal?.aborted && error === options.signal.reason) throw error;
        throw isAppError(error) ? error : translateDockerError(error, what, url);
      }
    },
    async askMaybe(what, request, options = {}) {
      try {
        return await attempt(what, request, options);
      } catch (error) {
        if (options.signal?.aborted && error === options.signal.reason) throw error;
        if (statusOf(error) === 404 || statusOf(error) === 304) return null;
        throw isAppError(error) ? error : translateDockerError(error, what, url);
      }
    },
  };
}
