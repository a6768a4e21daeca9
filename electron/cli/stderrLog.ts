// The host's log on stderr: warnings and errors, and all else with --verbose.
import type { Logger } from '#services/Services';
import { printable } from './style.ts';

export function stderrLog(stream: NodeJS.WriteStream, verbose: boolean): Logger {
  const write = (level: string, message: string, fields?: Readonly<Record<string, unknown>>) => stream.write(`${level}: ${printable(message)}${fields ? ` ${printable(JSON.stringify(fields))}` : ''}\n`);
  return {
    info: (message, fields) => { if (verbose) write('info', message, fields); },
    warn: (message, fields) => { if (verbose) write('warn', message, fields); },
    error: (message, fields) => { if (verbose) write('error', message, fields); },
  };
}
