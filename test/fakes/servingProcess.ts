// The built serving bundle as a process of its own on loopback, as a container would run it.
import { execFileSync, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';

export interface ServingProcess {
  readonly port: number;
  readonly grpcPort: number;
  readonly url: string;
  readonly pid: number;
  /** Lines of its log so far, parsed. */
  log(): readonly Readonly<Record<string, unknown>>[];
  signal(name: NodeJS.Signals): void;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  end(): Promise<void>;
}

/** Builds what is missing or old, once for all tests of a run. */
export const buildServing = (): void => { execFileSync(process.execPath, [join('scripts', 'millwright.mjs'), '--version'], { stdio: 'ignore' }); };

export async function startServingProcess(modelDir: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<ServingProcess> {
  const child = spawn(process.execPath, [resolve('dist/serving.cjs'), 'serve', '--model-dir', modelDir, '--host', '127.0.0.1', '--drain-delay-ms', '0', ...args], {
    env: { PATH: process.env['PATH'] ?? '', PORT: '0', GRPC_PORT: '0', ...env }, stdio: ['ignore', 'ignore', 'pipe'],
  });
  const lines: Record<string, unknown>[] = [];
  let rest = '';
  const ended = new Promise<{ code: number | null; signal: string | null }>((done) => { child.once('close', (code, signal) => done({ code, signal })); });
  const listening = new Promise<{ port: number; grpcPort: number }>((done, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      const parts = `${rest}${chunk.toString()}`.split('\n');
      rest = parts.pop() ?? '';
      for (const part of parts) {
        const line = (part.startsWith('{') ? JSON.parse(part) : { event: 'text', text: part }) as Record<string, unknown>; // our own log
        lines.push(line);
        if (line['event'] === 'listening') done({ port: Number(line['port']), grpcPort: Number(line['grpcPort']) });
      }
    });
    void ended.then(({ code }) => reject(new Error(`The server ended with ${code}: ${JSON.stringify(lines)}`)));
  });
  const { port, grpcPort } = await listening;
  return {
    port, grpcPort, url: `http://127.0.0.1:${port}`, pid: child.pid ?? 0, ended, log: () => lines,
    signal: (name) => { child.kill(name); },
    async end() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Asks until the answer is as wanted. */
export async function until(ask: () => Promise<boolean>): Promise<void> {
  while (!await ask().catch(() => false)) await new Promise((done) => { setTimeout(done, 20); });
}
export const untilReady = ({ url }: ServingProcess): Promise<void> => until(async () => (await fetch(`${url}/v2/health/ready`)).ok);
