// The container's command `serve`: reads how, serves, and ends with 0 once everything in flight is answered.
import { AppError, exitCodeOf, toErrorReport } from '#shared/errors';
import { createLog } from './log.ts';
import { readServeOptions } from './readServeOptions.ts';
import { startServing } from './startServing.ts';

export async function runServeCommand(args: readonly string[], threadEntry: string): Promise<void> {
  const log = createLog((line) => process.stderr.write(line));
  try {
    const [command, ...rest] = args;
    if (command !== undefined && command !== 'serve' && !command.startsWith('-')) throw new AppError('BAD_USAGE', `"${command.slice(0, 40)}" is no command of the serving runtime; "serve" is.`);
    const options = readServeOptions(command === 'serve' ? rest : args, process.env);
    const serving = await startServing(options, threadEntry, log);
    const end = () => { void serving.close().then((inTime) => process.exit(inTime ? 0 : 1)); };
    process.on('SIGTERM', end);
    process.on('SIGINT', end);
    await serving.loaded;
  } catch (error) {
    const { code, message, hint } = toErrorReport(error);
    log.error('cannot serve', { code, message, hint, ...(code === 'INTERNAL' ? { detail: error instanceof Error ? error.stack : String(error) } : {}) });
    process.exit(exitCodeOf(error));
  }
}
