// The gateway of a station: one stable address in front of its versions. It outlives the console and keeps its orders.
import { randomUUID, timingSafeEqual, createHash } from 'node:crypto';
import { Agent, createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { gatewayConfigSchema, type GatewayStatus, type GatewayTarget } from '#shared/gateway';
import { isAppError, toErrorReport } from '#shared/errors';
import { jsonOrNull } from '#shared/jsonOrNull';
import { holding, readRawBody } from '../http/readBody.ts';
import { errorReply } from '../http/statusOf.ts';
import { expositionType } from '../metrics/exposition.ts';
import { clientHeader, tailOf } from '../clientOf.ts';
import { makeShare } from './chooseTarget.ts';
import type { ConfigStore } from './configStore.ts';
import { makeGatewayMetrics } from './gatewayMetrics.ts';
import { forward } from './forward.ts';
import { makeGrpcReplicas } from './grpcReplicas.ts';
import { readAnswer } from './readAnswer.ts';
import { refuse, relay } from './relay.ts';
import { makeReplicas } from './replicas.ts';
import { makeShadow } from './shadow.ts';
import { makeTargetStates } from './targetStates.ts';
import { makeTcpProxy } from './tcpProxy.ts';

export interface GatewayOptions {
  readonly store: ConfigStore;
  /** Whoever changes the orders must know it; null refuses every change. */
  readonly key: string | null;
  readonly log: (event: string, fields: Readonly<Record<string, unknown>>) => void;
  readonly now?: () => number;
}

export interface Gateway {
  readonly http: Server;
  readonly grpc: ReturnType<typeof makeTcpProxy>;
  status(): GatewayStatus | null;
  /** Stops accepting, lets what is under way end, then resolves. */
  drain(): Promise<void>;
}

/** Orders are small; the limit keeps a hostile body from filling memory. */
const orderBytesMax = 256 * 1024;
/** Bodies are held whole, so that they can be sent twice; the container has twice this memory. */
const heldBytesMax = 128 * 1024 ** 2;
const probeMs = 2000;
const usualReady: NonNullable<GatewayTarget['ready']> = { path: '/v2/health/ready', holds: null };
const probeBytesMax = 1024 ** 2;
const figuresBytesMax = 8 * 1024 ** 2;
const fallbackLimits = { failures: 5, openMs: 10_000 };

export async function makeGateway({ store, key, log, now = Date.now }: GatewayOptions): Promise<Gateway> {
  let config = await store.load();
  let draining = false;
  const stop = new AbortController();
  const agent = new Agent({ keepAlive: true, maxSockets: 512, maxFreeSockets: 64 });
  const replicas = makeReplicas(agent, now);
  const states = makeTargetStates(() => config?.breaker ?? fallbackLimits, now, replicas);
  const shadow = makeShadow({ agent, signal: stop.signal, now, states, replicas });
  replicas.follow(config);
  if (config !== null) shadow.follow(config);
  const share = makeShare();
  const metrics = makeGatewayMetrics();
  const budget = { get maxBodyBytes() { return config?.maxBodyBytes ?? orderBytesMax; }, maxPendingBytes: heldBytesMax, pendingBytes: 0 };
  const orderBudget = { maxBodyBytes: orderBytesMax, maxPendingBytes: 8 * orderBytesMax, pendingBytes: 0 };
  const status = (): GatewayStatus | null => (config === null ? null : { revision: config.revision, station: config.station, live: config.live, stopped: config.stopped, targets: states.list(config, now()), shadow: shadow.status() });

  async function change(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> {
    if (!mayOrder(request, key)) return refuse(response, 401, 'The key of this gateway is missing or wrong.', requestId);
    const body = await readRawBody(request, orderBudget);
    const parsed = gatewayConfigSchema.safeParse(jsonOrNull(Buffer.from(body).toString('utf8')));
    if (!parsed.success) return refuse(response, 400, `The orders cannot be read: ${parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).slice(0, 3).join('; ')}.`, requestId);
    if (config !== null && parsed.data.revision < config.revision) return refuse(response, 409, `The gateway already follows revision ${config.revision}.`, requestId);
    // Kept before it is followed: after a power cut the gateway comes back with what it last confirmed.
    await store.keep(parsed.data);
    config = parsed.data;
    shadow.follow(config);
    replicas.follow(config);
    log('orders', { revision: config.revision, live: config.live, canary: config.canary, shadow: config.shadow?.target ?? null, stopped: config.stopped?.reason ?? null });
    answer(response, 200, status());
  }

  /** Asks one version whether it is ready, live or not: the console tries a new one through the very path that its traffic will take. */
  async function probe(id: string, response: ServerResponse, requestId: string): Promise<void> {
    const target = config?.targets.find((one) => one.id === id);
    if (!target) return refuse(response, 404, 'The orders name no such version.', requestId);
    if (target.replicas) {
      const ready = replicas.status(id).filter((one) => one.ready).length;
      return answer(response, ready > 0 ? 200 : 503, { version: id, ready, replicas: target.replicas.length });
    }
    const { path, holds, port = target.httpPort } = target.ready ?? usualReady;
    const said = await look({ ...target, httpPort: port }, path, probeBytesMax);
    if (said === null) return refuse(response, 503, `The version ${id} cannot be reached.`, requestId);
    const ready = said.status === 200 && (holds === null || said.body.includes(holds));
    answer(response, ready ? 200 : 503, { version: id, status: said.status });
  }

  /** The figures of one version in its own words: the network of the station lets nobody else ask for them. */
  async function ownFigures(id: string, response: ServerResponse, requestId: string): Promise<void> {
    const target = config?.targets.find((one) => one.id === id);
    if (!target?.metrics) return refuse(response, 404, 'The orders name no such version, or none with figures.', requestId);
    const { metrics: { path: figuresPath, port } } = target;
    if (target.replicas) {
      // Their counters add up: one reader sums what has the same name.
      const ready = (replicas.inTurn(target) ?? []).filter((one) => one.ready === true);
      const said = await Promise.all(ready.map(({ place }) => look({ ...target, host: place.host, httpPort: place.httpPort }, figuresPath, figuresBytesMax)));
      const texts = said.flatMap((one) => (one?.status === 200 ? [one.body.toString('utf8')] : []));
      if (texts.length === 0) return refuse(response, 503, `No replica of version ${id} tells its figures.`, requestId);
      const text = texts.join('\n');
      response.writeHead(200, { 'content-type': expositionType, 'content-length': Buffer.byteLength(text) });
      response.end(text);
      return;
    }
    const said = await look({ ...target, httpPort: port }, figuresPath, figuresBytesMax);
    if (said?.status !== 200) return refuse(response, 503, said === null ? `The version ${id} does not tell its figures.` : `The version ${id} answered ${said.status} for its figures.`, requestId);
    response.writeHead(200, { 'content-type': expositionType, 'content-length': said.body.length });
    response.end(said.body);
  }

  async function look(target: GatewayTarget, path: string, bytesMax: number): Promise<{ readonly status: number; readonly body: Buffer } | null> {
    const attempt = await forward(target, { method: 'GET', path, headers: target.key === undefined ? {} : { authorization: `Bearer ${target.key}` }, body: Buffer.alloc(0) }, { agent, timeoutMs: probeMs, signal: AbortSignal.any([stop.signal, AbortSignal.timeout(probeMs)]) });
    return attempt.kind === 'answered' ? readAnswer(attempt.response, bytesMax) : null;
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = idOf(request);
    const path = request.url ?? '/';
    if (path === '/gateway/status') return config === null ? refuse(response, 503, 'The gateway has no orders yet.', requestId) : answer(response, 200, status());
    if (path === '/gateway/health') return answer(response, config === null || draining ? 503 : 200, { live: true, revision: config?.revision ?? null });
    if (path === '/gateway/config' && request.method === 'PUT') return change(request, response, requestId);
    if (path.startsWith('/gateway/ready/')) return probe(path.slice('/gateway/ready/'.length), response, requestId);
    if (path.startsWith('/gateway/metrics/')) return ownFigures(path.slice('/gateway/metrics/'.length), response, requestId);
    if (path === '/metrics' && request.method === 'GET') {
      const current = status();
      response.writeHead(200, { 'content-type': expositionType });
      response.end(current === null ? '' : metrics.text(current));
      return;
    }
    const orders = config;
    if (orders === null) return refuse(response, 503, 'The gateway has no orders yet.', requestId);
    if (draining && path.endsWith('/health/ready')) return refuse(response, 503, 'The gateway is being stopped.', requestId);
    if (orders.stopped) return refuse(response, 503, `Stopped for acceptance since ${orders.stopped.since}: ${orders.stopped.reason}`, requestId);
    if (orders.targets.some(({ closedPaths }) => closedPaths?.some((closed) => isBelow(path, closed)))) return refuse(response, 403, 'Models of this station are managed by Millwright, not at its address.', requestId);
    const body = await readRawBody(request, budget);
    const startedAt = now();
    const result = await holding(budget, body.length, () => relay(orders, { method: request.method ?? 'GET', path, headers: { ...request.headers, 'x-request-id': requestId, [clientHeader]: clientName(request) }, body }, requestId, response, { agent, states, replicas, shadow, share, now }));
    metrics.observe(result.target, result.status, (now() - startedAt) / 1000);
    if (result.status >= 500) log('failed', { requestId, path, target: result.target, status: result.status });
  }

  const http = createServer({ requestTimeout: 120_000, headersTimeout: 20_000, maxHeaderSize: 64 * 1024 }, (request, response) => {
    serve(request, response).catch((error: unknown) => {
      if (isAppError(error)) return refuse(response, errorReply(error).status, toErrorReport(error).message, idOf(request));
      // The client went away while it was sending, or a fault of ours: either way this connection is done.
      if (!request.destroyed) log('error', { message: error instanceof Error ? error.message : String(error) });
      refuse(response, 500, 'The gateway failed to carry this request.', idOf(request));
    });
  });
  http.keepAliveTimeout = 75_000; // longer than the clients keep theirs, so that they close first
  const grpc = makeTcpProxy(() => config, makeShare(), makeGrpcReplicas({ config: () => config, share: makeShare(), replicas, states }));
  return {
    http, grpc, status,
    async drain() {
      draining = true;
      await new Promise<void>((resolve) => { http.close(() => resolve()); http.closeIdleConnections(); });
      await grpc.close();
      await shadow.settled();
      await replicas.close();
      stop.abort();
      agent.destroy();
    },
  };
}

/** Written over what a client may have sent: nobody gets more turns by naming himself. */
const clientName = ({ socket, headers }: IncomingMessage): string => tailOf(headers.authorization ?? socket.remoteAddress ?? '');

/** Servers decode what is escaped; what cannot be decoded is taken for the worst. */
function isBelow(path: string, closed: string): boolean {
  try { return decodeURIComponent(path).replace(/\/{2,}/g, '/').toLowerCase().startsWith(closed); } catch { return true; }
}

const digest = (text: string) => createHash('sha256').update(text).digest();

function mayOrder(request: IncomingMessage, key: string | null): boolean {
  const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  return key !== null && given !== undefined && timingSafeEqual(digest(given), digest(key));
}

function idOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
}

function answer(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
