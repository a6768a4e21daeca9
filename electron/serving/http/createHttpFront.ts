// The HTTP server: finds the route, keeps the limits, and answers every error with one sentence.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { randomUUID } from 'node:crypto';
import { AppError, isAppError, toErrorReport } from '#shared/errors';
import { clientOf } from '../clientOf.ts';
import { checkBearer } from '../checkBearer.ts';
import { nowNs } from '../engine/EngineMessages.ts';
import { openRoutes } from '../openRoutes.ts';
import { originForm } from '../plainPath.ts';
import { badInput } from '../protocol/badInput.ts';
import { createBodyPool } from './BodyPool.ts';
import { compressReply } from './compressReply.ts';
import type { Tls } from '../readTls.ts';
import { jsonReply, type HttpExchange, type Reply, type RouteFinder, type ServingContext } from './HttpExchange.ts';
import { readBody, withBody } from './readBody.ts';
import { errorReply } from './statusOf.ts';

export interface HttpFront {
  readonly server: Server;
  /** Requests that have come and are not answered yet. */
  inFlight(): number;
  /** Stops to accept, and waits for what is in flight. */
  drain(): Promise<void>;
}

const refusals: Readonly<Record<string, readonly [status: string, sentence: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The headers of the request are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request did not come in time.'],
};
/** So long after its start a request must be whole once the server is to end. */
const drainingRequestMs = 8000;
/** Memory that waits for large bodies. */
const keptBodyBytes = 32 * 1024 * 1024;
const oneWriteBytes = 8192;
const asBuffer = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const traceText = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}/;
const idText = /^[\w.:/+=-]{1,128}$/;

function partsOf(path: string): string[] {
  try {
    return path.includes('%') ? path.split('/').filter((part) => part !== '').map(decodeURIComponent) : path.split('/').filter((part) => part !== '');
  } catch {
    throw badInput('The path of the request is not valid.');
  }
}

export function createHttpFront(context: ServingContext, finders: readonly RouteFinder[], tls: Tls | null = null): HttpFront {
  const { options, metrics, log } = context;
  const { budget } = context;
  const pool = createBodyPool(keptBodyBytes);
  let inFlight = 0;
  let accepting = true;
  let idle = () => {};

  async function answer(message: IncomingMessage, path: string, arrivedNs: number, signalOf: () => AbortSignal): Promise<Reply> {
    const { apiKey } = options;
    // a platform may name one route for health and inference: only the probe is open
    if (!openRoutes.has(path) && (path !== options.healthRoute || message.method === 'POST')) {
      if (apiKey !== null) checkBearer(message.headers.authorization, apiKey);
      // Asked for here and not in the handshake: probes have no certificate, and others get a sentence.
      if (tls?.clientCa && !(message.socket as TLSSocket).authorized) throw new AppError('FORBIDDEN', 'This server wants a client certificate that its authority has signed.'); // a server with TLS has no other sockets
    }
    const parts = partsOf(path);
    const method = message.method === 'HEAD' ? 'GET' : message.method ?? '';
    for (const find of finders) {
      const route = find(parts, context);
      if (!route) continue;
      const handler = method === 'GET' || method === 'POST' || method === 'DELETE' ? route[method] : undefined;
      if (!handler) return { ...jsonReply({ error: `${method} is not served here; ${Object.keys(route).join(' and ')} is.` }, 405), headers: { allow: Object.keys(route).join(', ') } };
      const exchange: HttpExchange = { method, parts, headers: message.headers, arrivedNs, client: clientOf(message), signal: signalOf,
        readBody: (alignAt) => readBody(message, budget, alignAt),
        withBody: (alignAt, use) => withBody(message, budget, alignAt, pool, use),
      };
      return await handler(exchange, context);
    }
    return jsonReply({ error: `Nothing is served at ${path.slice(0, 200)}.` }, 404);
  }

  function send(message: IncomingMessage, response: ServerResponse, reply: Reply, requestId: string): void {
    const body = typeof reply.body === 'string' ? Buffer.from(reply.body) : reply.body;
    // what was not read of the body would be taken for the next request
    const close = !accepting || !message.complete;
    response.writeHead(reply.status, { 'content-type': 'application/json', 'content-length': body.byteLength, 'x-request-id': requestId, ...(close ? { connection: 'close' } : {}), ...reply.headers });
    if (message.method === 'HEAD') response.end();
    else if (body.byteLength <= oneWriteBytes) response.end(asBuffer(body).toString('latin1'), 'latin1'); // text leaves together with the headers
    else response.end(body);
    if (!message.complete) {
      message.resume(); // a client that still sends would never look for the answer
      response.once('finish', () => setTimeout(() => message.socket.destroy(), 1000).unref());
    }
  }

  function onRequest(message: IncomingMessage, response: ServerResponse): void {
    const arrivedNs = nowNs();
    const url = originForm(message.url ?? '/');
    const query = url.indexOf('?');
    const path = query === -1 ? url : url.slice(0, query);
    const given = message.headers['x-request-id'];
    const requestId = typeof given === 'string' && idText.test(given) ? given : randomUUID();
    let gone: AbortController | null = null; // made only for requests that wait
    let isGone = false;
    inFlight++;
    response.once('close', () => {
      inFlight--;
      isGone = !response.writableFinished;
      if (isGone) gone?.abort();
      if (inFlight === 0) idle();
    });
    const tell = (status: number, error: string | null) => {
      metrics.countHttp(status);
      if (!options.logRequests && (status < 500 || status === 503)) return; // probes and overload would fill the log
      const trace = traceText.exec(String(message.headers['traceparent'] ?? ''));
      log[status >= 500 && status !== 503 ? 'error' : 'info']('request', { requestId, method: message.method, path, status, durationMs: Math.round((nowNs() - arrivedNs) / 1e4) / 100, ...(trace ? { traceId: trace[1], parentId: trace[2] } : {}), ...(error === null ? {} : { error }) });
    };
    void answer(message, path, arrivedNs, () => {
      gone ??= new AbortController();
      if (isGone) gone.abort();
      return gone.signal;
    }).then((reply) => compressReply(reply, message.headers['accept-encoding'])).then((reply) => {
      if (isGone) return tell(499, 'the client has gone');
      send(message, response, reply, requestId);
      tell(reply.status, null);
    }).catch((error: unknown) => {
      if (!isAppError(error)) log.error('fault', { requestId, path, error: error instanceof Error ? error.stack ?? error.message : String(error) });
      const reply = errorReply(error);
      if (!isGone && !response.headersSent) send(message, response, reply, requestId);
      tell(isGone ? 499 : reply.status, toErrorReport(error).message);
    });
  }

  const limits = { keepAliveTimeout: 65_000, headersTimeout: 30_000, requestTimeout: 300_000, connectionsCheckingInterval: 2000, maxHeaderSize: 32_768, noDelay: true };
  const server = tls === null ? createServer(limits, onRequest)
    : createTlsServer({ ...limits, cert: tls.cert, key: tls.key, minVersion: 'TLSv1.2', ...(tls.clientCa ? { ca: tls.clientCa, requestCert: true, rejectUnauthorized: false } : {}) }, onRequest);
  server.on('checkContinue', (message, response) => {
    if (Number(message.headers['content-length'] ?? 0) <= options.maxBodyBytes) response.writeContinue();
    onRequest(message, response);
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) { socket.destroy(); return; }
    const [status, sentence] = refusals[error.code ?? ''] ?? ['400 Bad Request', 'The request is not valid HTTP.'];
    const body = JSON.stringify({ error: sentence });
    socket.end(`HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`);
  });
  return {
    server, inFlight: () => inFlight,
    async drain() {
      accepting = false;
      server.requestTimeout = drainingRequestMs; // whose body stopped coming holds nobody up
      const closed = new Promise<void>((resolve) => { server.close(() => resolve()); });
      server.closeIdleConnections();
      if (inFlight > 0) await new Promise<void>((resolve) => { idle = resolve; });
      server.closeIdleConnections();
      // connections on which no request came, and never will
      setTimeout(() => server.closeAllConnections(), 500).unref();
      await closed;
    },
  };
}
