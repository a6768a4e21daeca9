// The gateway of a station: one stable address in front of its versions. It outlives the console and keeps its orders.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { gatewayConfigSchema, replayOrderSchema, type GatewayStatus } from '#shared/gateway';
import { isAppError, toErrorReport } from '#shared/errors';
import { jsonOrNull } from '#shared/jsonOrNull';
import { createBodyPool } from '../http/BodyPool.ts';
import { lendMemory } from '../http/lendMemory.ts';
import { holding, readRawBody } from '../http/readBody.ts';
import { errorReply } from '../http/statusOf.ts';
import { expositionType } from '../metrics/exposition.ts';
import { clientHeader, nameBehind } from '../clientOf.ts';
import { openRoutes } from '../openRoutes.ts';
import { openUpstreams } from '../sealed.ts';
import { makeShare } from './chooseTarget.ts';
import type { ConfigStore } from './configStore.ts';
import { makeDoors, problemOfTls } from './doors.ts';
import { makeGatewayMetrics } from './gatewayMetrics.ts';
import { makeGrpcCalls } from './grpcCalls.ts';
import { allowHalfClosed, watchHalfClosed } from './halfClosed.ts';
import { isBelow, originForm } from '../plainPath.ts';
import { makeRecorder, notDrawn, recordOf } from './recorder.ts';
import { isInference, relay } from './relay.ts';
import { answer, refuse, turnAway } from './replies.ts';
import { replay } from './replay.ts';
import { makeReplicas } from './replicas.ts';
import { makeShadow } from './shadow.ts';
import { makeTargetStates } from './targetStates.ts';
import { makeTcpProxy } from './tcpProxy.ts';
import { makeVersionLooks } from './versionLooks.ts';

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
/** Bodies are held whole, so that they can be sent twice. With the recorder, and the console looking from elsewhere, it fits into the 256 MB of the container. */
const heldBytesMax = 96 * 1024 ** 2;
/** Memory that waits for large bodies. */
const keptBodyBytes = 16 * 1024 ** 2;
const fallbackLimits = { failures: 5, openMs: 10_000 };

export async function makeGateway({ store, key, log, now = Date.now }: GatewayOptions): Promise<Gateway> {
  let config = await store.load();
  let draining = false;
  /** What is under way: a client that never pauses would keep its connection until it is cut, were it not told to close it. */
  const open = new Set<ServerResponse>();
  const stop = new AbortController();
  const upstreams = openUpstreams({ maxSockets: 512, maxFreeSockets: 64 });
  const replicas = makeReplicas(upstreams, now);
  const states = makeTargetStates(() => config?.breaker ?? fallbackLimits, now, replicas);
  const shadow = makeShadow({ upstreams, signal: stop.signal, now, states, replicas });
  replicas.follow(config);
  if (config !== null) shadow.follow(config);
  const recorder = makeRecorder();
  recorder.follow(config);
  const doors = makeDoors(key, now);
  doors.follow(config);
  const looks = makeVersionLooks({ config: () => config, replicas, upstreams, signal: stop.signal });
  const pool = createBodyPool(keptBodyBytes);
  const share = makeShare();
  const metrics = makeGatewayMetrics();
  const budget = { get maxBodyBytes() { return config?.maxBodyBytes ?? orderBytesMax; }, maxPendingBytes: heldBytesMax, pendingBytes: 0 };
  const orderBudget = { maxBodyBytes: orderBytesMax, maxPendingBytes: 8 * orderBytesMax, pendingBytes: 0 };
  const status = (): GatewayStatus | null => (config === null ? null : { revision: config.revision, station: config.station, live: config.live, stopped: config.stopped, targets: states.list(config, now()), shadow: shadow.status(), recorder: recorder.status() });

  const readOrder = async (request: IncomingMessage): Promise<unknown> => jsonOrNull(Buffer.from(await readRawBody(request, orderBudget)).toString('utf8'));

  async function change(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> {
    const parsed = gatewayConfigSchema.safeParse(await readOrder(request));
    if (!parsed.success) return refuse(response, 400, `The orders cannot be read: ${parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).slice(0, 3).join('; ')}.`, requestId);
    const unusable = problemOfTls(parsed.data.tls);
    if (unusable !== null) return refuse(response, 400, unusable, requestId);
    if (config !== null && parsed.data.revision < config.revision) return refuse(response, 409, `The gateway already follows revision ${config.revision}.`, requestId);
    // Kept before it is followed: after a power cut the gateway comes back with what it last confirmed.
    await store.keep(parsed.data);
    config = parsed.data;
    shadow.follow(config);
    replicas.follow(config);
    recorder.follow(config);
    doors.follow(config);
    grpc.follow();
    log('orders', { revision: config.revision, live: config.live, canary: config.canary, shadow: config.shadow?.target ?? null, stopped: config.stopped?.reason ?? null, recorder: config.recorder, clients: config.clients?.map(({ name }) => name) ?? null, tls: config.tls !== null });
    answer(response, 200, status());
  }

  function records(response: ServerResponse, which: string, requestId: string): void {
    if (which === '') return answer(response, 200, recorder.list());
    const found = recorder.find(Number(which));
    return found === null ? refuse(response, 404, 'This request is not recorded, or not any more.', requestId) : answer(response, 200, recordOf(found));
  }

  async function replayOne(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> {
    const { data: order } = replayOrderSchema.safeParse(await readOrder(request));
    const recorded = order && recorder.find(order.seq);
    const target = order && config?.targets.find(({ id }) => id === order.target);
    if (!order || !recorded || !target || config === null) return refuse(response, order ? 404 : 400, order ? 'The request is not recorded any more, or the orders name no such version.' : 'The order to replay cannot be read.', requestId);
    answer(response, 200, await replay(recorded, target, order.tolerance, requestId, { upstreams, replicas, timeoutMs: config.timeoutMs, signal: stop.signal, repeatable: !config.stateful }));
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = idOf(request);
    if (draining) response.setHeader('connection', 'close');
    else { open.add(response); response.once('close', () => open.delete(response)); }
    const path = originForm(request.url ?? '/');
    if (path === '/gateway/status') return config === null ? refuse(response, 503, 'The gateway has no orders yet.', requestId) : answer(response, 200, doors.showsKey(request.headers) ? { ...status(), admission: doors.status() } : status());
    if (path === '/gateway/health') return answer(response, config === null || draining ? 503 : 200, { live: true, revision: config?.revision ?? null });
    const keyed = keyedRoute(request.method, path);
    if (keyed !== null && !doors.showsKey(request.headers)) return refuse(response, 401, 'The key of this gateway is missing or wrong.', requestId);
    if (keyed === 'change') return change(request, response, requestId);
    if (keyed === 'records') return records(response, path.slice('/gateway/records/'.length), requestId);
    if (keyed === 'replay') return replayOne(request, response, requestId);
    if (path.startsWith('/gateway/ready/')) return looks.probe(path.slice('/gateway/ready/'.length), response, requestId);
    if (path.startsWith('/gateway/metrics/')) return looks.figures(path.slice('/gateway/metrics/'.length), response, requestId);
    if (path === '/metrics' && request.method === 'GET') {
      const current = status();
      response.writeHead(200, { 'content-type': expositionType });
      response.end(current === null ? '' : metrics.text(current, doors.status().refused));
      return;
    }
    const orders = config;
    if (orders === null) return refuse(response, 503, 'The gateway has no orders yet.', requestId);
    const admission = isProbe(request, path) ? { client: null } : doors.admit(request.headers, doors.arrivalOf(request.socket));
    if ('refused' in admission) return turnAway(response, admission.refused, admission.sentence, requestId);
    if (draining && path.endsWith('/health/ready')) return refuse(response, 503, 'The gateway is being stopped.', requestId);
    if (orders.stopped) return refuse(response, 503, `Stopped for acceptance since ${orders.stopped.since}: ${orders.stopped.reason}`, requestId);
    if (orders.targets.some(({ closedPaths }) => closedPaths?.some((closed) => isBelow(path, closed)))) return refuse(response, 403, 'Models of this station are managed by Millwright, not at its address.', requestId);
    const method = request.method ?? 'GET';
    const lot = isInference({ method, path }) ? recorder.draw() : notDrawn;
    // What is going to be kept has memory of its own from the beginning: it would be copied out of lent memory.
    const body = await readRawBody(request, budget, 0, lot.drawn ? null : pool);
    // Lent memory is larger than what was asked for (BodyPool); what has its size may be kept by the recorder.
    const lent = lendMemory(() => { if (body.buffer.byteLength > body.byteLength) pool.give(body.buffer); });
    const startedAt = now();
    // What it has shown here is nobody's business behind.
    const { authorization, ...rest } = request.headers;
    const headers = admission.client === null && authorization !== undefined ? { ...rest, authorization } : rest;
    const question = { method, path, headers: { ...headers, 'x-request-id': requestId, [clientHeader]: nameBehind(admission.client, request.headers, request.socket.remoteAddress) }, body, hold: lent.hold };
    const result = await holding(budget, body.length, () => relay(orders, question, requestId, response, { upstreams, states, replicas, shadow, share, now }, lot.keeps));
    const { target, status: code, answer: said, answerBytes } = result;
    metrics.observe(target, code, (now() - startedAt) / 1000);
    if (lot.keeps(code)) recorder.add({ at: startedAt, durationMs: now() - startedAt, requestId, version: target, client: admission.client, status: code, question, answer: said, answerBytes });
    lent.release();
    if (result.status >= 500) log('failed', { requestId, path, target: result.target, status: result.status });
  }

  const http = createServer({ requestTimeout: 120_000, headersTimeout: 20_000, maxHeaderSize: 64 * 1024 }, (request, response) => {
    watchHalfClosed(request, response);
    serve(request, response).catch((error: unknown) => {
      if (isAppError(error)) return refuse(response, errorReply(error).status, toErrorReport(error).message, idOf(request));
      // The client went away while it was sending, or a fault of ours: either way this connection is done.
      if (!request.destroyed) log('error', { message: error instanceof Error ? error.message : String(error) });
      refuse(response, 500, 'The gateway failed to carry this request.', idOf(request));
    });
  });
  allowHalfClosed(http);
  http.keepAliveTimeout = 75_000; // longer than the clients keep theirs, so that they close first
  // Each connection comes in by the door, and from there to what the server itself does with connections.
  const serveConnection = http.listeners('connection')[0] as (this: Server, socket: Socket) => void;
  http.removeAllListeners('connection').on('connection', doors.door('http/1.1', (socket) => serveConnection.call(http, socket)));
  const grpc = makeTcpProxy({ config: () => config, share: makeShare(), calls: makeGrpcCalls({ config: () => config, share: makeShare(), replicas, states, doors }), doors });
  return {
    http, grpc, status,
    async drain() {
      draining = true;
      for (const response of open) if (!response.headersSent) response.setHeader('connection', 'close');
      doors.close();
      await new Promise<void>((resolve) => { http.close(() => resolve()); http.closeIdleConnections(); });
      await grpc.close();
      await shadow.settled();
      await replicas.close();
      stop.abort();
      upstreams.destroy();
    },
  };
}

/** Let in without a key, and so it brings no body: nobody may fill the gateway's memory by that way. */
const isProbe = ({ method, headers }: IncomingMessage, path: string): boolean =>
  (method === 'GET' || method === 'HEAD') && openRoutes.has(path.split('?', 1)[0] ?? '') && (headers['content-length'] ?? '0') === '0' && headers['transfer-encoding'] === undefined;

/** Orders, and what clients sent: for who has the gateway's key, and for nobody else. */
function keyedRoute(method: string | undefined, path: string): 'change' | 'records' | 'replay' | null {
  if (path === '/gateway/config' && method === 'PUT') return 'change';
  if (path === '/gateway/records' || path.startsWith('/gateway/records/')) return 'records';
  return path === '/gateway/replay' && method === 'POST' ? 'replay' : null;
}

function idOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
}
