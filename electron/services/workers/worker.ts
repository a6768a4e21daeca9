// Entry of a worker process: serves the table of tasks over whichever channel it was started with, and ends when that channel closes.
import { AppError } from '#shared/errors';
import { serveChannel } from '#shared/rpc';
import { loadRuntime } from '../inference/nativeSession.ts';
import { closeAllSessions } from '../inference/sessionTasks.ts';
import { aheadVariable } from './forkWorker.ts';
import { onParentChannel } from './parentChannel.ts';
import { tasks, type TaskName } from './tasks.ts';
import type { TaskContext } from './Task.ts';

/** Sessions are released before the exit: a native session that is torn down with the process can abort it. */
async function leave(): Promise<void> {
  await closeAllSessions().catch(() => undefined);
  process.exit(0);
}

onParentChannel((channel) => {
  channel.onClose(() => { void leave(); });
  serveChannel(channel, async (op, input, context: TaskContext) => {
    if (!Object.hasOwn(tasks, op)) throw new AppError('INTERNAL', `The worker has no task called "${op}".`);
    const task = tasks[op as TaskName] as (input: unknown, context: TaskContext) => Promise<unknown>; // runTask's types tie each name to its input
    return task(input, context);
  });
});
if (process.env[aheadVariable]) setImmediate(() => { loadRuntime().catch(() => undefined); }); // told by the task that needs it
