// Runs a program of the machine without a shell, and takes no longer than its deadline even when the program cannot be ended.
import { spawn } from 'node:child_process';
import { AppError } from '#shared/errors';

export interface CommandResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const maxOutputBytes = 1024 * 1024;

/**
 * Answers exit code and output; null when the program is not installed. Throws TIMEOUT at the deadline and PERMISSION_DENIED when it may not be run.
 * At the deadline the program and everything that it started get SIGKILL; one that the kernel cannot end (a hung driver) is left behind, not waited for.
 */
export function runCommand(program: string, args: readonly string[], { deadlineMs, env = process.env }: { readonly deadlineMs: number; readonly env?: Readonly<Record<string, string | undefined>> }): Promise<CommandResult | null> {
  return new Promise((resolve, reject) => {
    const ownGroup = process.platform !== 'win32';
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: ownGroup, windowsHide: true, shell: false, env: { ...env, LC_ALL: 'C' } });
    let stdout = '';
    let stderr = '';
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      child.removeAllListeners();
      child.on('error', () => undefined); // a kill that comes too late
      child.stdout.destroy();
      child.stderr.destroy();
      settle();
    };
    const timer = setTimeout(() => {
      killTree(child.pid, ownGroup);
      child.unref();
      finish(() => reject(new AppError('TIMEOUT', `${program} did not answer within ${deadlineMs / 1000} s and was ended.`)));
    }, deadlineMs);
    child.stdout.setEncoding('utf8').on('data', (text: string) => { if (stdout.length < maxOutputBytes) stdout += text; });
    child.stderr.setEncoding('utf8').on('data', (text: string) => { if (stderr.length < maxOutputBytes) stderr += text; });
    child.on('error', (error: NodeJS.ErrnoException) => finish(() => {
      if (error.code === 'ENOENT') resolve(null);
      else reject(new AppError('PERMISSION_DENIED', `${program} could not be run (${error.code ?? 'unknown reason'}).`, { cause: error }));
    }));
    child.on('close', (exitCode) => finish(() => resolve({ exitCode, stdout, stderr })));
  });
}

function killTree(pid: number | undefined, ownGroup: boolean): void {
  if (pid === undefined) return;
  try {
    if (ownGroup) process.kill(-pid, 'SIGKILL');
    else spawn('taskkill', ['/PID', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true }).on('error', () => undefined).unref();
  } catch { /* it has ended by itself */ }
}
