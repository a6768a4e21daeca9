// The gateway as a process of its own, as the container starts it: orders from the environment and the volume, SIGTERM drains.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makeConfigStore } from './configStore.ts';
import { makeGateway } from './gateway.ts';

/** Ends before Docker's default grace of 10 seconds is over and it kills the process. */
const drainMs = 9000;

/** GATEWAY_CONFIG first orders (JSON), GATEWAY_STATE folder of the kept ones, GATEWAY_KEY, HOST, PORT, GRPC_PORT (empty: none). */
export async function runGateway(env: NodeJS.ProcessEnv, write: (line: string) => void): Promise<number> {
  const log = (event: string, fields: Readonly<Record<string, unknown>>) => write(`${JSON.stringify({ time: new Date().toISOString(), event: `gateway.${event}`, ...fields })}\n`);
  const state = env.GATEWAY_STATE ?? null;
  if (state !== null) await mkdir(state, { recursive: true });
  const gateway = await makeGateway({ store: makeConfigStore(state === null ? null : join(state, 'config.json'), env.GATEWAY_CONFIG), key: env.GATEWAY_KEY ?? null, log });
  const host = env.HOST ?? '0.0.0.0';
  await listen(gateway.http, Number(env.PORT ?? 8080), host);
  if (env.GRPC_PORT !== undefined && env.GRPC_PORT !== '') await listen(gateway.grpc.server, Number(env.GRPC_PORT), host);
  log('ready', { port: env.PORT ?? '8080', revision: gateway.status()?.revision ?? null });
  await new Promise<void>((resolve) => { process.once('SIGTERM', resolve); process.once('SIGINT', resolve); });
  log('draining', {});
  const timer = setTimeout(() => { log('drain-late', { afterMs: drainMs }); process.exit(0); }, drainMs);
  await gateway.drain();
  clearTimeout(timer);
  log('ended', {});
  return 0;
}

function listen(server: { listen(port: number, host: string, done: () => void): unknown; once(event: 'error', listener: (error: Error) => void): unknown }, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => { server.once('error', reject); server.listen(port, host, resolve); });
}
