// The command line as a process of its own, for the tests that see it as scripts do.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

export interface CliResult { readonly code: number | null; readonly stdout: string; readonly stderr: string }
export interface CliRun {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly ended: Promise<CliResult>;
  /** Resolves when the text is on stdout or stderr; rejects when the process ends before. */
  seen(text: string): Promise<void>;
}
export interface CliOptions {
  readonly dataDir: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A command that runs the command line, such as one that drops rights. */
  readonly under?: readonly string[];
}

export function startCli(args: readonly string[], { dataDir, env = {}, under = [] }: CliOptions): CliRun {
  const [command = process.execPath, ...rest] = [...under, process.execPath, join('scripts', 'millwright.mjs'), ...args];
  const child = spawn(command, rest, { env: { ...process.env, MILLWRIGHT_DATA: dataDir, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => { stdout += chunk.toString(); });
  child.stderr.on('data', (chunk: Buffer) => { stderr += chunk.toString(); });
  const ended = new Promise<CliResult>((resolve) => { child.once('close', (code) => resolve({ code, stdout, stderr })); });
  return {
    child, ended,
    seen: (text) => new Promise((resolve, reject) => {
      const look = () => { if (stdout.includes(text) || stderr.includes(text)) resolve(); };
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      child.once('close', () => { look(); reject(new Error(`it ended before it said "${text}": ${stderr}`)); });
      look();
    }),
  };
}

export const runCli = (args: readonly string[], options: CliOptions): Promise<CliResult> => startCli(args, options).ended;
