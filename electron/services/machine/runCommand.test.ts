import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from './runCommand.ts';

let folder = '';
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'run-command-')); });
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A process that has ended but was not yet collected by its parent (state Z) does no harm and counts as ended. */
const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stat.status === 0 && !stat.stdout.trim().startsWith('Z');
};

describe.skipIf(process.platform === 'win32')('runCommand', () => {
  it('answers exit code and output', async () => {
    expect(await runCommand('sh', ['-c', 'echo out; echo err >&2; exit 3'], { deadlineMs: 5000 })).toEqual({ exitCode: 3, stdout: 'out\n', stderr: 'err\n' });
  });

  it('answers null for a program that is not installed', async () => {
    expect(await runCommand('millwright-no-such-program', [], { deadlineMs: 1000 })).toBeNull();
  });

  it('ends a hanging program and what it started at the deadline', async () => {
    const script = join(folder, 'hang');
    await writeFile(script, `#!/bin/sh\nsleep 60 &\necho $! > "${folder}/child"\necho $$ > "${folder}/parent"\nwait\n`, { mode: 0o755 });
    const startedMs = performance.now();
    await expect(runCommand(script, [], { deadlineMs: 400 })).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(performance.now() - startedMs).toBeLessThan(900);
    const pids = await Promise.all(['child', 'parent'].map(async (name) => Number(await readFile(join(folder, name), 'utf8'))));
    await expect.poll(() => pids.filter(isAlive), { timeout: 2000 }).toEqual([]);
  });

  it('names a program that may not be run', async () => {
    const script = join(folder, 'not-executable');
    await writeFile(script, '#!/bin/sh\n', { mode: 0o644 });
    await expect(runCommand(script, [], { deadlineMs: 1000 })).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  });
});
