// What a probe looks at: platform, environment, root of /proc and /sys, and how programs are run; a test passes its own.
import { readFile, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand, type CommandResult } from './runCommand.ts';

export interface ProbeContext {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Text of a file of the machine, trimmed; null when it is absent or may not be read. */
  readText(path: string): Promise<string | null>;
  /** Names in a folder of the machine; empty when it is absent. */
  readNames(path: string): Promise<string[]>;
  /** Last part of where a link points; null when it is none. */
  readLinkName(path: string): Promise<string | null>;
  /** Runs a program without a shell; null when it is not installed. Ends it, and what it started, at the deadline. */
  run(program: string, args: readonly string[], deadlineMs: number): Promise<CommandResult | null>;
}

/** `root` stands before every absolute path, so that a test can lay out a machine of its own. */
export function probeContext(options: { readonly root?: string; readonly env?: ProbeContext['env']; readonly platform?: NodeJS.Platform } = {}): ProbeContext {
  const { root = '', env = process.env, platform = process.platform } = options;
  const at = (path: string) => (root === '' ? path : join(root, path));
  return {
    platform, env,
    readText: (path) => readFile(at(path), 'utf8').then((text) => text.trim(), () => null),
    readNames: (path) => readdir(at(path)).then((names) => names.sort(), () => []),
    readLinkName: (path) => readlink(at(path)).then((target) => target.split(/[\\/]/).pop() ?? null, () => null),
    run: (program, args, deadlineMs) => runCommand(program, args, { deadlineMs, env }),
  };
}

/** A whole number from a file's text; null for anything else, "max" and the kernel's "no limit" included. */
export function numberOf(text: string | null | undefined): number | null {
  if (text === null || text === undefined || !/^-?\d+(\.\d+)?$/.test(text.trim())) return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}
