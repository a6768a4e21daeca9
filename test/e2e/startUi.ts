// Starts `millwright ui` as a person does, on loopback with a data folder of its own, and can kill and start it again.
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

export interface Ui {
  readonly process: ChildProcess;
  /** With the secret in its fragment. */
  readonly address: string;
  readonly port: number;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  /** Ends it as Ctrl-C does. */
  close(): Promise<void>;
}

export async function startUi({ dataDir, port = 0 }: { readonly dataDir: string; readonly port?: number }): Promise<Ui> {
  const child = spawn(process.execPath, [join('scripts', 'millwright.mjs'), 'ui', '--json', '--port', String(port), '--data-dir', dataDir], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => { child.once('exit', resolve); });
  let errors = '';
  child.stderr.on('data', (part) => { errors += String(part); });
  const printed = new Promise<string>((resolve) => {
    let text = '';
    child.stdout.on('data', (part) => { text += String(part); if (text.includes('}')) resolve(text); });
  });
  const answer = await Promise.race([printed, ended.then((code) => { throw new Error(`millwright ui ended with code ${code}: ${errors.slice(-2000)}`); })]);
  const served = JSON.parse(answer) as { address: string; port: number }; // what the command prints with --json
  const end = async (signal: NodeJS.Signals) => { if (child.exitCode === null && child.signalCode === null) child.kill(signal); await ended; };
  return {
    process: child, address: served.address, port: served.port, kill: () => end('SIGKILL'),
    async close() {
      const patience = setTimeout(() => child.kill('SIGKILL'), 15_000);
      await end('SIGINT');
      clearTimeout(patience);
    },
  };
}
