// Who listens in a running container: the kernel's tables, read with a program of the container itself, for nobody outside sees its network.
import type { Readable } from 'node:stream';
import { readListeners } from '#core/stations/listeners';
import { makeLogReader } from '#core/stations/logFrames';
import { AppError } from '#shared/errors';
import type { Engine } from './Engine.ts';

const deadlineMs = 10_000;
const bytesMax = 4 * 1024 ** 2;

/** `cat` where there is one; our own serving image has nothing but Node. A table that is missing, as without IPv6, is no fault. */
const readers: ReadonlyArray<readonly string[]> = [
  ['cat', '/proc/net/tcp', '/proc/net/tcp6'],
  ['/usr/local/bin/node', '-e', 'for (const name of ["tcp", "tcp6"]) try { process.stdout.write(require("node:fs").readFileSync(`/proc/net/${name}`, "utf8")); } catch {}'],
];

/** Null where the image has no program that reads the table. */
export async function containerListeners(engine: Engine, name: string, signal?: AbortSignal): Promise<number[] | null> {
  for (const command of readers) {
    const table = await outputOf(engine, name, command, signal);
    if (/local_address/.test(table)) return readListeners(table); // without the program the answer is a sentence of the engine
  }
  return null;
}

async function outputOf(engine: Engine, name: string, command: readonly string[], signal: AbortSignal | undefined): Promise<string> {
  return engine.ask(`Looking who listens in ${name}`, async (docker, abortSignal) => {
    const exec = await docker.getContainer(name).exec({ Cmd: [...command], AttachStdout: true, AttachStderr: false, Tty: false, abortSignal });
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
    return lines.join('\n');
  }, { signal, deadlineMs });
}
