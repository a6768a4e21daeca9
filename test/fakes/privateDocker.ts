// A Docker daemon of the test's own, which it may kill: real, but with folders and a socket that nobody else uses.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './testHost.ts';

export interface PrivateDocker {
  /** As DOCKER_HOST takes it. */
  readonly host: string;
  start(): Promise<void>;
  /** As a power cut of the daemon: SIGKILL. Containers and their shims go on for themselves. */
  kill(): Promise<void>;
  /** As a machine without power: the daemon, and all that runs in its containers. */
  lose(): Promise<void>;
  /** Asks the engine itself, past the code under test. */
  api<T>(path: string): Promise<T>;
  /** Answers what the engine said, where it said something. */
  post(path: string, body?: object): Promise<unknown>;
  remove(path: string): Promise<void>;
  /** Ends the daemon and removes all it had. */
  close(): Promise<void>;
}

const asRoot = (program: string, args: readonly string[]): [string, string[]] => (process.getuid?.() === 0 ? [program, [...args]] : ['sudo', ['-n', program, ...args]]);
const runAsRoot = (program: string, ...args: string[]) => { try { const [file, rest] = asRoot(program, args); execFileSync(file, rest, { stdio: 'ignore' }); } catch { /* not there any more */ } };

/** `diskMiB`: the engine's disk is so large. `args`: what it is told besides. `before`: the program and arguments that start it, for a host of its own (`nsenter`, `unshare`). */
export function privateDocker(dockerd: string, { diskMiB, args: more = [], before = [] }: { readonly diskMiB?: number; readonly args?: readonly string[]; readonly before?: readonly string[] } = {}): PrivateDocker {
  const folder = mkdtempSync(join(tmpdir(), 'mw-dockerd-'));
  const socket = join(folder, 'docker.sock');
  let child: ChildProcess | null = null;
  let log = '';

  const call = (method: string, path: string, content?: object) => new Promise<{ status: number; body: string }>((resolve, reject) => {
    const sent = request({ socketPath: socket, path, method, timeout: 30_000, ...(content === undefined ? {} : { headers: { 'content-type': 'application/json' } }) }, (response) => {
      let body = '';
      response.on('data', (part: Buffer) => { body += part.toString(); });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer in 30 s')));
    sent.on('error', reject);
    sent.end(content === undefined ? undefined : JSON.stringify(content));
  });
  const change = async (method: string, path: string, content?: object): Promise<unknown> => {
    const { status, body } = await call(method, path, content);
    if (status >= 400) throw new Error(`${path}: ${status} ${body}`);
    return body.startsWith('{') || body.startsWith('"') ? JSON.parse(body) as unknown : null;
  };
  const answers = () => call('GET', '/_ping').then(({ status }) => status === 200, () => false);
  const pid = () => { try { return Number(readFileSync(join(folder, 'pid'), 'utf8')); } catch { return 0; } };
  const ended = async () => { const running = child; if (running) await until(() => running.exitCode !== null || running.signalCode !== null, 'the daemon ends', 40_000); };

  async function start(): Promise<void> {
    if (diskMiB !== undefined && !existsSync(join(folder, 'data'))) {
      mkdirSync(join(folder, 'data'));
      const [file, args] = asRoot('mount', ['-t', 'tmpfs', '-o', `size=${diskMiB}m`, 'none', join(folder, 'data')]);
      execFileSync(file, args);
    }
    // A daemon that was killed leaves its pid file and its containerd; the first try after that may find the old one still ending.
    for (let tries = 1; ; tries++) {
      rmSync(join(folder, 'pid'), { force: true });
      const command = [...before, dockerd];
      const [file, args] = asRoot(command[0] ?? dockerd, [...command.slice(1), '--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec'), '-H', `unix://${socket}`, '--pidfile', join(folder, 'pid'), '--group', String(process.getgid?.() ?? 0), ...more]);
      const started = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
      child = started;
      const keep = (part: Buffer) => { log = (log + part.toString()).slice(-4000); };
      started.stdout.on('data', keep);
      started.stderr.on('data', keep);
      const up = await until(async () => started.exitCode !== null || await answers(), 'dockerd answers', 60_000).then(() => started.exitCode === null, () => false);
      if (up) return;
      started.kill();
      if (tries === 3) throw new Error(`dockerd did not start:\n${log}`);
    }
  }

  return {
    host: `unix://${socket}`, start,
    async kill() { runAsRoot('kill', '-9', String(pid())); await ended(); },
    async lose() {
      const inside = shimsOf(folder).flatMap(childrenOf);
      runAsRoot('kill', '-9', String(pid()));
      await ended();
      for (const one of [...shimsOf(folder), ...inside]) runAsRoot('kill', '-9', String(one));
    },
    async api<T>(path: string) {
      const { status, body } = await call('GET', path);
      if (status !== 200) throw new Error(`${path}: ${status} ${body}`);
      return JSON.parse(body) as T; // the caller names what Docker documents
    },
    post: (path, body) => change('POST', path, body),
    async remove(path) { await change('DELETE', path); },
    async close() {
      if (await answers()) for (const { Id } of JSON.parse((await call('GET', '/containers/json?all=1')).body) as { Id: string }[]) await call('DELETE', `/containers/${Id}?force=1`).catch(() => undefined);
      runAsRoot('kill', String(pid()));
      await ended().catch(() => runAsRoot('kill', '-9', String(pid())));
      for (const shim of shimsOf(folder)) runAsRoot('kill', '-9', String(shim));
      const mounts = readFileSync('/proc/mounts', 'utf8').split('\n').map((line) => line.split(' ')[1] ?? '').filter((path) => path.startsWith(folder));
      for (const path of mounts.reverse()) runAsRoot('umount', '-l', path);
      runAsRoot('rm', '-rf', folder);
    },
  };
}

const childrenOf = (pid: number): number[] => { try { return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number); } catch { return []; } };

/** Containerd and shims carry the folder of their daemon in their command line. */
function shimsOf(folder: string): number[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid && existsSync(`/proc/${name}/cmdline`)).filter((name) => {
    try { return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(`${folder}/exec`); } catch { return false; }
  }).map(Number);
}
