// Starts the runtime: listens at once, loads the models, and ends in good order when told to.
import type { Server } from 'node:net';
import { AppError } from '#shared/errors';
import { createGrpcFront, type GrpcFront } from './grpc/createGrpcFront.ts';
import { createHttpFront, type HttpFront } from './http/createHttpFront.ts';
import type { ServingContext } from './http/HttpExchange.ts';
import { metricsRoutes } from './http/metricsRoutes.ts';
import { v2Routes } from './http/v2Routes.ts';
import type { Log } from './log.ts';
import { createServerMetrics } from './metrics/serverMetrics.ts';
import { cloudRoutes } from './platforms/cloudRoutes.ts';
import { multiModelRoutes } from './platforms/multiModelRoutes.ts';
import { tfServingRoutes } from './platforms/tfServingRoutes.ts';
import { createModelRegistry } from './repository/createModelRegistry.ts';
import { readTls } from './readTls.ts';
import { sealedServer } from './sealed.ts';
import type { ServeOptions } from './ServeOptions.ts';

export interface Serving {
  readonly port: number;
  readonly grpcPort: number | null;
  /** When every model is loaded or has failed to. */
  readonly loaded: Promise<void>;
  readonly context: ServingContext;
  /** Not ready, wait, stop accepting, finish what is in flight, release. False when the deadline passed before. */
  close(): Promise<boolean>;
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new AppError('PORT_TAKEN', `Another program listens on port ${port} of ${host}.`)
        : error.code === 'EACCES' ? new AppError('PERMISSION_DENIED', `This user may not listen on port ${port}.`, { hint: 'Choose a port above 1023.' })
          : new AppError('BAD_INPUT', `The server cannot listen on ${host} port ${port}.`, { cause: error }));
    });
    server.listen({ host, port, backlog: 1024 }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

async function openSealedDoors({ sealed, apiKey }: ServeOptions, front: HttpFront, grpc: GrpcFront | null): Promise<{ readonly ports: NonNullable<ServeOptions['sealed']>; close(): void } | null> {
  if (sealed === null || apiKey === null) return null;
  const http = sealedServer(apiKey, 'http/1.1', (socket) => { front.server.emit('connection', socket); });
  const calls = grpc === null || sealed.grpcPort === null ? null : sealedServer(apiKey, 'h2', (socket) => grpc.take(socket));
  const port = await listen(http, sealed.host, sealed.port);
  try {
    return { ports: { host: sealed.host, port, grpcPort: calls === null ? null : await listen(calls, sealed.host, sealed.grpcPort ?? 0) }, close() { http.close(); calls?.close(); } };
  } catch (error) {
    http.close();
    throw error;
  }
}

const wait = (ms: number) => new Promise<void>((resolve) => { setTimeout(resolve, ms); });

export async function startServing(options: ServeOptions, threadEntry: string, log: Log): Promise<Serving> {
  process.env['ORT_DISABLE_TELEMETRY'] = '1';
  const tls = options.tls === null ? null : await readTls(options.tls, log);
  const registry = createModelRegistry({ options, entry: threadEntry, log });
  let open = true;
  const context: ServingContext = { options, registry, metrics: createServerMetrics(), log, budget: { maxBodyBytes: options.maxBodyBytes, maxPendingBytes: options.maxPendingBytes, pendingBytes: 0 }, origins: new Map(), isOpen: () => open };
  const front = createHttpFront(context, [v2Routes, metricsRoutes, cloudRoutes, multiModelRoutes, tfServingRoutes], tls);
  const port = await listen(front.server, options.host, options.port);
  const grpc = options.grpcPort === null ? null : await createGrpcFront(context, options.host, options.grpcPort, tls).catch((error: unknown) => { front.server.close(); throw error; });
  const doors = await openSealedDoors(options, front, grpc).catch((error: unknown) => { front.server.close(); grpc?.cut(); throw error; });
  log.info('listening', { host: options.host, port, grpcPort: grpc?.port ?? null, ...(doors === null ? {} : { sealed: doors.ports }), tls: tls === null ? 'off' : tls.clientCa ? 'with client certificates' : 'on' });
  const loaded = options.multiModel ? Promise.resolve() : registry.loadAll();
  let closing: Promise<boolean> | null = null;
  return {
    port, grpcPort: grpc?.port ?? null, loaded, context,
    close: () => (closing ??= (async () => {
      open = false;
      log.info('draining', { inFlight: front.inFlight() });
      const late = wait(options.drainTimeoutMs).then(() => false);
      const done = (async () => {
        await wait(options.drainDelayMs);
        doors?.close();
        await Promise.all([front.drain(), grpc?.drain()]);
        await loaded.catch(() => undefined);
        await registry.close();
        return true;
      })();
      const inTime = await Promise.race([done, late]);
      if (!inTime) grpc?.cut();
      log[inTime ? 'info' : 'error']('ended', { inFlight: front.inFlight() });
      return inTime;
    })()),
  };
}
