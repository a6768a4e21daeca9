// Starts the process of a worker. Little is imported here: a command that will need one starts it before the rest of the program is loaded.
import { fork, type ChildProcess } from 'node:child_process';

/** Workers work on buffers, which lie outside the script's heap: a young generation of 1 MB instead of 16 saves 30 MB a process and costs no time. The build makes the worker's code cache with the same flags. */
const workerFlags = ['--max-semi-space-size=1'] as const;

export type WorkerEnv = Readonly<Record<string, string>>;

/** A worker opens no connection. With a plant's own certificates in this variable Node 20 reads and checks all of them at each start, which takes longer than the start itself. */
function inherited(): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: _certificates, ...rest } = process.env;
  return rest;
}

const start = (entry: string, env: WorkerEnv): ChildProcess => fork(entry, [], { serialization: 'advanced', execArgv: [...workerFlags], stdio: ['ignore', 'ignore', 'pipe', 'ipc'], env: { ...inherited(), ORT_DISABLE_TELEMETRY: '1', ...env } });

const keyOf = (entry: string, env: WorkerEnv): string => JSON.stringify([entry, env]);
let early: { readonly key: string; readonly child: ChildProcess } | null = null;

/** Tells a worker that it waits for its first task anyway, so that it loads the runtime meanwhile. */
export const aheadVariable = 'MILLWRIGHT_AHEAD';

/** Nothing waits for one that was started early: where it is not taken, it ends with this process. */
export function startEarly(entry: string, env: WorkerEnv): void {
  const child = start(entry, { ...env, [aheadVariable]: '1' });
  child.once('error', () => undefined); // told where a worker is started in earnest
  early = { key: keyOf(entry, env), child };
  hold(child, 'unref');
}

/** The one that was started early, where it is the same and still runs; else a new one. */
export function forkWorker(entry: string, env: WorkerEnv): ChildProcess {
  const taken = early;
  if (taken === null || taken.key !== keyOf(entry, env) || !taken.child.connected) return start(entry, env);
  early = null;
  hold(taken.child, 'ref');
  return taken.child;
}

function hold(child: ChildProcess, how: 'ref' | 'unref'): void {
  child[how]();
  child.channel?.[how]();
  const { stderr } = child;
  if (stderr && how in stderr) (stderr as unknown as { ref(): void; unref(): void })[how](); // a pipe is a socket, which the types do not tell
}
