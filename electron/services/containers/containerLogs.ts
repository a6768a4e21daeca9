// Reads what a container wrote: the last lines, or all that follow until it ends, the caller stops or the engine dies.
import type { Readable } from 'node:stream';
import { makeLogReader, type LogLine } from '#core/stations/logFrames';
import type { Engine } from './Engine.ts';
import { translateDockerError } from './translateDockerError.ts';

export interface LogOptions { readonly tail: number; readonly since?: string | null; readonly signal?: AbortSignal | undefined }

export async function readLogs(engine: Engine, name: string, { tail, since = null, signal }: LogOptions): Promise<LogLine[]> {
  const found = await engine.askMaybe(`Reading the log of ${name}`, async (docker, abortSignal) => docker.getContainer(name).logs({ follow: false, stdout: true, stderr: true, timestamps: true, tail, ...(since === null ? {} : { since: secondsOf(since) }), abortSignal }), { signal });
  if (!found) return [];
  const reader = makeLogReader();
  return [...reader.push(found), ...reader.end()];
}

export const readLastLines = async (engine: Engine, name: string, count: number, signal?: AbortSignal): Promise<string[]> => (await readLogs(engine, name, { tail: count, signal })).map(({ line }) => line.trim()).filter((line) => line !== '');

/** Resolves when the container ends or the signal is aborted. @throws CONNECTION_LOST when the engine dies */
export async function followLogs(engine: Engine, name: string, { tail, since = null, signal }: LogOptions, onLine: (line: LogLine) => void): Promise<void> {
  const what = `Following the log of ${name}`;
  const controller = new AbortController();
  const onAbort = () => controller.abort();
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) return;
  try {
    const stream = await engine.docker.getContainer(name).logs({ follow: true, stdout: true, stderr: true, timestamps: true, tail, ...(since === null ? {} : { since: secondsOf(since) }), abortSignal: controller.signal }) as Readable; // the library's answer is the response of Node's http
    const reader = makeLogReader();
    await new Promise<void>((resolve, reject) => {
      let ended = false;
      stream.on('data', (part: Buffer) => { for (const line of reader.push(part)) onLine(line); });
      stream.once('end', () => { ended = true; for (const line of reader.end()) onLine(line); resolve(); });
      stream.once('error', (error) => { if (signal?.aborted) resolve(); else reject(error); });
      stream.once('close', () => { if (ended || signal?.aborted) resolve(); else reject(Object.assign(new Error('aborted'), { code: 'ECONNRESET' })); });
    });
  } catch (error) {
    if (!signal?.aborted) throw translateDockerError(error, what, engine.url);
  } finally {
    signal?.removeEventListener('abort', onAbort);
    controller.abort();
  }
}

/** Docker takes seconds with a fraction. */
const secondsOf = (time: string): number => { const ms = Date.parse(time); return Number.isNaN(ms) ? 0 : ms / 1000; };
