// Tasks of a worker process that keeps sessions open between calls.
import { readFileSync } from 'node:fs';
import { AppError } from '#shared/errors';
import type { Feeds } from '#shared/tensor';
import { createNativeSession, type NativeSession, type SessionOptions } from './nativeSession.ts';

const sessions = new Map<number, NativeSession>();
let nextHandle = 1;

/** The largest resident set of this process so far, in bytes. */
export function peakRssBytes(): number {
  try {
    const match = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
    if (match) return Number(match[1]) * 1024;
  } catch { /* not Linux */ }
  return process.resourceUsage().maxRSS * 1024;
}

export async function openSessionTask(options: SessionOptions) {
  const session = await createNativeSession(options);
  const handle = nextHandle++;
  sessions.set(handle, session);
  return { handle, inputs: session.inputs, outputs: session.outputs };
}

export async function runSessionTask({ handle, feeds, fetches }: { readonly handle: number; readonly feeds: Feeds; readonly fetches?: readonly string[] | undefined }) {
  const session = sessions.get(handle);
  if (!session) throw new AppError('INTERNAL', 'The session is closed.');
  const start = process.hrtime.bigint();
  const outputs = await session.run(feeds, fetches);
  return { outputs, durationMs: Number(process.hrtime.bigint() - start) / 1e6, peakRssBytes: peakRssBytes() };
}

export async function closeSessionTask({ handle }: { readonly handle: number }) {
  const session = sessions.get(handle);
  sessions.delete(handle);
  await session?.release();
  return {};
}

export async function closeAllSessions(): Promise<void> {
  const open = [...sessions.values()];
  sessions.clear();
  for (const session of open) await session.release();
}
