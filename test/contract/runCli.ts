// The command line as a process of its own, for the tests that see it as scripts do.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

export interface CliResult { readonly code: number | null; readonly stdout: string; readonly stderr: string }
export interface CliRun {
  readonly child: ChildProcessByStdio<Writable | null, Readable, Readable>;
  readonly ended: Promise<CliResult>;
  /** Resolves when the text is on stdout or stderr; rejects when the process ends before. */
  seen(text: string): Promise<void>;
}
export interface CliOptions {
  readonly dataDir: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A command that runs the command line, such as one that drops rights. */
  readonly under?: readonly string[];
  /** What is on stdin; without it stdin is closed. */
  readonly input?: string;
}

export function startCli(args: readonly string[], { dataDir, env = {}, under = [], input }: CliOptions): CliRun {
  const [command = process.execPath, ...rest] = [...under, process.execPath, join('scripts', 'millwright.mjs'), ...args];
  const around = { ...process.env, MILLWRIGHT_DATA: dataDir, ...env };
  const child = input === undefined ? spawn(command, rest, { env: around, stdio: ['ignore', 'pipe', 'pipe'] }) : spawn(command, rest, { env: around, stdio: ['pipe', 'pipe', 'pipe'] });
  if (input !== undefined) child.stdin?.on('error', () => undefined).end(input); // a command that does not read it may have ended
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
