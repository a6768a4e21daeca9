// Entry of a worker process: serves the table of tasks over whichever channel it was started with, and ends when that channel closes.
import { AppError } from '#shared/errors';
import { serveChannel, type Channel, type Frame } from '#shared/rpc';
import { closeAllSessions } from '../inference/sessionTasks.ts';
import { tasks, type TaskName } from './tasks.ts';
import type { TaskContext } from './Task.ts';

interface ElectronPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown; readonly ports: readonly ElectronPort[] }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  start(): void;
  close(): void;
}

/** Sessions are released before the exit: a native session that is torn down with the process can abort it. */
async function leave(): Promise<void> {
  await closeAllSessions().catch(() => undefined);
  process.exit(0);
}

function serve(channel: Channel): void {
  channel.onClose(() => { void leave(); });
  serveChannel(channel, async (op, input, context: TaskContext) => {
    if (!Object.hasOwn(tasks, op)) throw new AppError('INTERNAL', `The worker has no task called "${op}".`);
    const task = tasks[op as TaskName] as (input: unknown, context: TaskContext) => Promise<unknown>; // runTask's types tie each name to its input
    return task(input, context);
  });
}

/** The channel that child_process.fork gives. */
function processChannel(): Channel {
  return {
    send: (frame) => { if (process.connected) process.send!(frame); },
    onFrame: (listener) => { process.on('message', (frame) => listener(frame as Frame)); }, // only the launcher holds the other end
    onClose: (listener) => { process.on('disconnect', listener); },
    close: () => process.disconnect(),
  };
}

function electronChannel(port: ElectronPort): Channel {
  return {
    send: (frame) => port.postMessage(frame),
    onFrame: (listener) => { port.on('message', (event) => listener(event.data as Frame)); port.start(); }, // as above
    onClose: (listener) => { port.on('close', listener); },
    close: () => port.close(),
  };
}

// Electron adds parentPort to `process` in a utility process; its types belong to another layer.
const { parentPort } = process as unknown as { parentPort?: ElectronPort };
if (parentPort) parentPort.on('message', (event) => { if (event.ports[0]) serve(electronChannel(event.ports[0])); });
else serve(processChannel());
