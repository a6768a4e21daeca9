// Owns the host's utility process and the worker processes it asks for; starts the host again after a crash and tells the page.
import { app, MessageChannelMain, utilityProcess, type UtilityProcess, type WebContents } from 'electron';
import { join } from 'node:path';
import type { WorkerProgram } from '#services/workers/WorkerLauncher';
import type { HostToMain, MainToHost } from '#host/utility/messages';

export type HostState = 'starting' | 'running' | 'restarting' | 'stopped';

/** After this many crashes within a minute the host stays down, and the page says so. */
const MAX_CRASHES_PER_MINUTE = 5;

export class HostProcess {
  private host: UtilityProcess | null = null;
  private page: WebContents | null = null;
  private closing = false;
  private readonly workers = new Map<number, UtilityProcess>();
  private readonly crashes: number[] = [];

  constructor(private readonly distDir: string, private readonly onState: (state: HostState) => void) {}

  start(): void {
    const host = utilityProcess.fork(join(this.distDir, 'host.cjs'), [], {
      serviceName: 'Millwright host', stdio: 'inherit',
      env: { ...process.env, ORT_DISABLE_TELEMETRY: '1', MILLWRIGHT_DATA: process.env.MILLWRIGHT_DATA ?? join(app.getPath('userData'), 'data'), MILLWRIGHT_RESOURCES: this.resourcesDir(), MILLWRIGHT_NEW_KEYS: process.env.MILLWRIGHT_DATA === undefined ? 'os-store' : 'file' },
    });
    this.host = host;
    host.on('message', (message: HostToMain) => this.answer(message));
    host.once('exit', (code) => this.onExit(code));
    this.onState('running');
    if (this.page && !this.page.isDestroyed()) this.connect(this.page);
  }

  /** Gives the page a port of its own to the host; the old port, if any, is dead by then. */
  connect(page: WebContents): void {
    this.page = page;
    const { port1, port2 } = new MessageChannelMain();
    this.post({ t: 'connect' }, port1);
    page.postMessage('host-port', null, [port2]);
  }

  close(): void {
    this.closing = true;
    this.host?.kill();
    for (const worker of this.workers.values()) worker.kill();
  }

  private post(message: MainToHost, port?: Electron.MessagePortMain): void {
    this.host?.postMessage(message, port ? [port] : []);
  }

  private answer(message: HostToMain): void {
    if (message.t === 'launch-worker') return this.launchWorker(message.id, message.env, message.program);
    const worker = this.workers.get(message.id);
    // UtilityProcess.kill() asks politely; a stuck native call only ends by SIGKILL.
    if (worker?.pid !== undefined) { try { process.kill(worker.pid, 'SIGKILL'); } catch { /* it has just ended by itself */ } }
  }

  private launchWorker(id: number, env: Readonly<Record<string, string>>, program: WorkerProgram): void {
    const worker = utilityProcess.fork(join(this.distDir, `${program}.cjs`), [], { serviceName: program === 'worker' ? 'Millwright model worker' : 'Millwright self-test', stdio: 'inherit', env: { ...process.env, ...env, ORT_DISABLE_TELEMETRY: '1' } });
    this.workers.set(id, worker);
    const { port1, port2 } = new MessageChannelMain();
    worker.once('spawn', () => {
      worker.postMessage({ t: 'connect' }, [port1]);
      this.post({ t: 'worker', id, pid: worker.pid ?? 0 }, port2);
    });
    worker.once('exit', (code) => {
      this.workers.delete(id);
      this.post({ t: 'worker-exit', id, code });
    });
  }

  private onExit(code: number): void {
    this.host = null;
    for (const worker of this.workers.values()) worker.kill();
    if (this.closing) return;
    const now = Date.now();
    this.crashes.push(now);
    const recent = this.crashes.filter((at) => now - at < 60_000).length;
    process.stderr.write(`The host ended with code ${code}; crash ${recent} within a minute.\n`);
    if (recent >= MAX_CRASHES_PER_MINUTE) return this.onState('stopped');
    this.onState('restarting');
    setTimeout(() => this.start(), 250 * recent);
  }

  private resourcesDir(): string {
    return app.isPackaged ? join(process.resourcesPath, 'resources') : join(this.distDir, '..', 'resources');
  }
}
