// The command line as scripts see it: what is on stdout and stderr, and the exit codes of cli.md.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const root = mkdtempSync(join(tmpdir(), 'millwright-cli-'));
const cleanUps: Array<() => unknown> = [];
afterAll(async () => { for (const work of cleanUps.reverse()) await work(); rmSync(root, { recursive: true, force: true }); });

interface Result { readonly code: number | null; readonly stdout: string; readonly stderr: string }
function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [join('scripts', 'millwright.mjs'), ...args], { env: { ...process.env, MILLWRIGHT_DATA: join(root, 'data'), ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => { stdout += chunk.toString(); });
  child.stderr.on('data', (chunk: Buffer) => { stderr += chunk.toString(); });
  const ended = new Promise<Result>((resolve) => { child.once('close', (code) => resolve({ code, stdout, stderr })); });
  return { child, ended, output: () => stdout, errors: () => stderr };
}
const millwright = (...args: string[]) => start(args).ended;
const document = ({ stdout }: Result): unknown => JSON.parse(stdout);

describe('answers', () => {
  it('prints one JSON document and nothing else', async () => {
    const list = await millwright('jobs', 'list', '--json');
    expect([list.code, document(list), list.stderr]).toEqual([0, [], '']);
  });
  it('prints the version and the help of each level', async () => {
    expect(await millwright('--version')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    for (const level of [[], ['--help'], ['jobs', '--help'], ['jobs', 'resume', '--help'], ['commission', '--help']]) {
      const { code, stdout } = await millwright(...level);
      expect([level, code, stdout.includes('Usage: millwright')]).toEqual([level, 0, true]);
    }
  });
  it('writes no colour where nobody sees it', async () => {
    const { stdout } = await millwright('station', 'list');
    expect(stdout).not.toContain('\u001b');
  });
  it('streams events as JSON lines', async () => {
    const { code, stdout } = await millwright('station', 'create', 'Line 9', '--takt', '40', '--ndjson');
    const lines = stdout.trim().split('\n').map((line) => JSON.parse(line) as { event: string });
    expect([code, lines.at(-1)]).toMatchObject([0, { event: 'result', result: { name: 'Line 9', taktMs: 40 } }]);
  });
  it('completes every command for every shell', async () => {
    const { stdout } = await millwright('completion', 'bash');
    for (const word of ['commission', 'jobs', 'resume', '--max-drop', '--json']) expect(stdout).toContain(word);
    execFileSync('bash', ['-n'], { input: stdout });
    const asked = execFileSync('bash', ['-c', `${stdout}\nCOMP_WORDS=(millwright jobs re); COMP_CWORD=2; _millwright; echo "\${COMPREPLY[@]}"`]).toString();
    expect(asked.trim()).toBe('resume');
  });
});

describe('errors', () => {
  it.each([
    ['an unknown command', ['jbs'], 2, 'BAD_USAGE'], ['an unknown option', ['jobs', 'list', '--lmit', '3'], 2, 'BAD_USAGE'], ['half a command', ['jobs'], 2, 'BAD_USAGE'],
    ['a missing argument', ['jobs', 'show'], 2, 'BAD_USAGE'], ['a value that is none', ['jobs', 'list', '--limit', 'x'], 2, 'BAD_INPUT'], ['a bad percentage', ['commission', '--max-drop', 'much'], 2, 'BAD_USAGE'],
    ['what does not exist', ['jobs', 'show', 'nothing'], 2, 'NOT_FOUND'], ['a station twice', ['station', 'create', 'Line 9'], 2, 'ALREADY_EXISTS'], ['a model without data', ['commission', 'x.onnx'], 2, 'BAD_USAGE'],
    ['a station that serves nothing', ['station', 'start', 'Line 9'], 2, 'NOT_FOUND'], ['a port that is none', ['deploy', 'x.onnx', '--station', 'S', '--port', '99999'], 2, 'BAD_USAGE'], ['a size that is none', ['deploy', 'x.onnx', '--station', 'S', '--memory', 'much'], 2, 'BAD_USAGE'],
    ['a version in two roles', ['deploy', 'x.onnx', '--station', 'S', '--canary', '5', '--shadow', '5'], 2, 'BAD_USAGE'],
  ])('says what is wrong with %s', async (_what, args, code, name) => {
    const json = await millwright(...args, '--json');
    expect([json.code, document(json)]).toMatchObject([code, { error: { code: name, message: expect.stringMatching(/^[A-Z"].*\.$/s), hint: expect.stringMatching(/./) } }]);
    const human = await millwright(...args);
    expect(human.code).toBe(code);
    expect(human.stdout).toBe('');
    expect(human.stderr).toContain('Error ');
    expect(human.stderr).not.toMatch(/\bat .*\(.*:\d+:\d+\)/);
  });
  it('ends with 3 where the data folder cannot be', async () => {
    writeFileSync(join(root, 'file'), 'x');
    const { code, stdout } = await millwright('jobs', 'list', '--json', '--data-dir', join(root, 'file', 'below'));
    expect([code, JSON.parse(stdout)]).toMatchObject([2, { error: { code: 'BAD_INPUT' } }]);
  });
});

const canMount = process.platform === 'linux' && process.getuid?.() === 0 && ((): boolean => {
  const dir = mkdtempSync(join(tmpdir(), 'millwright-mount-'));
  try { execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', dir], { stdio: 'ignore' }); execFileSync('umount', [dir]); return true; } catch { return false; } finally { rmSync(dir, { recursive: true, force: true }); }
})();
const mounted = (name: string, options: string) => {
  const dir = join(root, name);
  mkdirSync(dir);
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'none', dir]);
  cleanUps.push(() => execFileSync('umount', ['-l', dir]));
  return dir;
};

describe.skipIf(!canMount)('a disk', () => {
  it('that is read-only ends with 3', async () => {
    const { code, stdout } = await millwright('jobs', 'list', '--json', '--data-dir', join(mounted('read-only', 'ro,size=64k'), 'data'));
    expect([code, JSON.parse(stdout)]).toMatchObject([3, { error: { code: 'PERMISSION_DENIED', message: expect.stringContaining('read-only') } }]);
  });
  it('that became read-only under a data folder ends with 3', async () => {
    const dir = mounted('remounted', 'size=4m');
    await millwright('jobs', 'list', '--data-dir', dir);
    execFileSync('mount', ['-o', 'remount,ro', dir]);
    const { code, stdout } = await millwright('station', 'list', '--json', '--data-dir', dir);
    expect([code, JSON.parse(stdout)]).toMatchObject([3, { error: { code: 'PERMISSION_DENIED' } }]);
  });
  it('that a job fills is told by its end, which frees what the job wrote', async () => {
    const [dir, model] = [mounted('filled', 'size=1m'), resolve('resources/sample/lot-code-reader.onnx')];
    const { code, stdout } = await millwright('quantize', model, '--recipe', 'int8-weights', '-o', join(root, 'filled.onnx'), '--json', '--data-dir', join(dir, 'data'));
    expect([code, JSON.parse(stdout)]).toMatchObject([3, { error: { code: 'DISK_FULL' } }]);
    expect(existsSync(join(root, 'filled.onnx'))).toBe(false);
  }, 30_000);
  it('that is full ends with 3', async () => {
    const dir = mounted('full', 'size=40k');
    const { code, stdout } = await millwright('station', 'create', 'X', '--json', '--data-dir', join(dir, 'data'));
    expect([code, JSON.parse(stdout)]).toMatchObject([3, { error: { code: 'DISK_FULL' } }]);
  });
});

describe('a reader that goes away', () => {
  const bench = ['bench', resolve('resources/sample/lot-code-reader.onnx'), '--duration', '60'];
  it('before the answer ends the work, and no gate takes it for passed', async () => {
    const { child, ended, output } = start([...bench, '--ndjson']);
    cleanUps.push(() => child.kill('SIGKILL'));
    while (!output().includes('"started"')) await new Promise((resolve) => { setTimeout(resolve, 20); });
    child.stdout.destroy();
    expect((await ended).code).toBe(130);
  }, 30_000);
  it('from the progress ends nothing', async () => {
    const { child, ended } = start(['bench', resolve('resources/sample/lot-code-reader.onnx'), '--duration', '1', '--json']);
    child.stderr.destroy();
    expect(document(await ended)).toMatchObject({ points: expect.any(Array) });
    expect(child.exitCode).toBe(0);
  }, 60_000);
});

describe('the console in a browser', () => {
  it('prints its address, serves, and ends with 0 at Ctrl-C', async () => {
    const { child, ended, output } = start(['ui', '--json']);
    cleanUps.push(() => child.kill('SIGKILL'));
    while (!output().includes('}')) await new Promise((resolve) => { setTimeout(resolve, 20); });
    const { address } = JSON.parse(output()) as { address: string };
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/enter#[\w-]{43}$/);
    expect((await fetch(address)).status).toBe(200);
    expect((await fetch(new URL('/', address))).status).toBe(401);
    child.kill('SIGINT');
    expect((await ended).code).toBe(0);
  });
  it('ends with 3 when the port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => { other.listen(0, '127.0.0.1', resolve); });
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const result = await millwright('ui', '--port', String(port), '--json');
    expect([result.code, document(result)]).toMatchObject([3, { error: { code: 'PORT_TAKEN', hint: expect.stringContaining('another port') } }]);
    await new Promise((resolve) => { other.close(resolve); });
    expect(await millwright('ui', '--port', '70000')).toMatchObject({ code: 2 });
  });
});

it('leaves no temporary file behind', () => {
  expect(readdirSync(join(root, 'data')).filter((name) => name.startsWith('.mw'))).toEqual([]);
});
