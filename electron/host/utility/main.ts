// Entry of the host inside Electron's utility process: the data folder comes by environment, pages and workers by ports from the main process.
import { resolve } from 'node:path';
import { createHost } from '../createHost.ts';
import { portChannel } from './portChannel.ts';
import type { HostToMain, MainToHost, ParentPort } from './messages.ts';
import { createUtilityWorkers } from './utilityWorkerLauncher.ts';

// Electron adds parentPort to `process`; its types belong to another layer.
const { parentPort } = process as unknown as { parentPort: ParentPort };
const { MILLWRIGHT_DATA: dataDir, MILLWRIGHT_RESOURCES: resourcesDir, MILLWRIGHT_NEW_KEYS: newKeysIn } = process.env;
if (!dataDir || !resourcesDir) throw new Error('MILLWRIGHT_DATA and MILLWRIGHT_RESOURCES must be set by the main process.');

const write = (level: string) => (message: string, fields: Readonly<Record<string, unknown>> = {}) => { process.stderr.write(`${JSON.stringify({ at: new Date().toISOString(), level, message, ...fields })}\n`); };
const workers = createUtilityWorkers((message: HostToMain) => parentPort.postMessage(message));
const host = createHost({ dataDir: resolve(dataDir), resourcesDir: resolve(resourcesDir), programDir: __dirname, workers: workers.launcher, shell: 'electron', newKeysIn: newKeysIn === 'os-store' ? 'os-store' : 'file', log: { info: write('info'), warn: write('warn'), error: write('error') } });

parentPort.on('message', ({ data, ports }) => {
  const message = data as MainToHost; // only the main process holds the other end
  if (message.t === 'connect' && ports[0]) return host.connect(portChannel(ports[0]));
  workers.receive(message, ports[0]);
});

process.on('SIGTERM', () => { void host.close().finally(() => process.exit(0)); });
