// Who listens in a running container: the kernel's tables, read with the container's own `cat`, for nobody outside sees its network.
import type { Readable } from 'node:stream';
import { readListeners } from '#core/stations/listeners';
import { makeLogReader } from '#core/stations/logFrames';
import { AppError } from '#shared/errors';
import type { Engine } from './Engine.ts';

const deadlineMs = 10_000;
const bytesMax = 4 * 1024 ** 2;

/** Null where the image has no `cat`. */
export async function containerListeners(engine: Engine, name: string, signal?: AbortSignal): Promise<number[] | null> {
  const table = await engine.ask(`Looking who listens in ${name}`, async (docker, abortSignal) => {
    const exec = await docker.getContainer(name).exec({ Cmd: ['cat', '/proc/net/tcp', '/proc/net/tcp6'], AttachStdout: true, AttachStderr: false, Tty: false, abortSignal });
    const stream: Readable = await exec.start({ hijack: false, stdin: false, abortSignal } as object); // the types know no signal here, the library takes it
    const reader = makeLogReader();
    const lines: string[] = [];
    let bytes = 0;
    for await (const part of stream as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > bytesMax) throw new AppError('DOCKER_REFUSED', `The table of sockets of ${name} is too long.`);
      for (const { line } of reader.push(part)) lines.push(line);
    }
    for (const { line } of reader.end()) lines.push(line);
    return lines;
  }, { signal, deadlineMs });
  // Without `cat` the answer is a sentence of the engine; without IPv6 the second table is missing, which is no fault.
  return table.some((line) => /local_address/.test(line)) ? readListeners(table.join('\n')) : null;
}
