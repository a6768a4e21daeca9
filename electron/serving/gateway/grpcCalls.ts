// gRPC call by call, where connections cannot be handed on whole: each is let in or not, and goes to the version's place, or to a replica in its turn with the replicas' key in place of the client's. Streams pass through, nothing is held.
import { connect, constants, createServer, type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { connect as dialTcp, type Socket } from 'node:net';
import type { GatewayConfig, GatewayTarget } from '#shared/gateway';
import { clientHeader, nameBehind } from '../clientOf.ts';
import { dialSealed } from '../sealed.ts';
import { openCalls } from '../openRoutes.ts';
import { targetsToTry, type Share } from './chooseTarget.ts';
import type { Admission, Doors } from './doors.ts';
import { sealOf, type Replica, type Replicas } from './replicas.ts';
import type { TargetState, TargetStates } from './targetStates.ts';

export interface GrpcCalls {
  /** Speaks HTTP/2 on a connection that was accepted elsewhere. */
  take(socket: Socket): void;
  /** Tells clients to go (GOAWAY), and leaves their calls time to end. */
  close(): void;
}

/** A host in the same plant accepts within this, or not at all. */
const connectMs = 1500;
/** One image of 224 x 224 fits, so that a call need not wait for the other side's leave to send on. */
const settings = { initialWindowSize: 1024 ** 2 };
/** Of gRPC's status codes: this one tells a client that it may ask again. */
const unavailable = '14';
/** FAILED_PRECONDITION, PERMISSION_DENIED, UNAUTHENTICATED. */
const codeOf = { tls: '9', certificate: '7', key: '16' } as const;
/** What manages a server of the protocol and is nobody's business outside: those of `closedPaths` that have a call. */
const managingCalls = /^\/inference\.GRPCInferenceService\/(?:RepositoryModel|LogSettings|TraceSetting|SystemSharedMemory|CudaSharedMemory)/;
/** UNKNOWN, INTERNAL, DATA_LOSS: the replica's own fault. UNAVAILABLE is a server that is full or leaving. */
const faults = new Set(['2', '13', '15']);
/** As the protocol of gRPC over HTTP/2 writes messages: what is no printable ASCII, and the percent sign, as percent and hex. */
const statusHeaders = (sentence: string, status = unavailable) => ({ 'grpc-status': status, 'grpc-message': sentence.replace(/[^\x20-\x24\x26-\x7e]+/g, encodeURIComponent) });

function refuse(stream: ServerHttp2Stream, sentence: string, status = unavailable): void {
  if (stream.destroyed || stream.headersSent) return;
  stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...statusHeaders(sentence, status) }, { endStream: true });
}

/** A version in one place, as if it had one replica: nothing is known of it, and nothing is kept. */
const placeOf = ({ id, host, httpPort, grpcPort }: GatewayTarget): Replica => ({ place: { name: id, host, httpPort, grpcPort, sealed: false }, ready: null, sinceMs: 0, inFlight: 0, answered: 0, failed: 0, lost: new AbortController() });

export function makeGrpcCalls(parts: { readonly config: () => GatewayConfig | null; readonly share: Share; readonly replicas: Replicas; readonly states: TargetStates; readonly doors: Pick<Doors, 'admit' | 'arrivalOf'> }): GrpcCalls {
  const server = createServer({ settings }); // listens nowhere: connections are given to it
  const clients = new Set<ServerHttp2Session>();
  const upstreams = new Map<string, Promise<ClientHttp2Session | null>>();
  let closing = false;
  /** The session shows its connection through a proxy; here is the connection itself. */
  const sockets = new WeakMap<object, Socket>();
  let arriving: Socket | null = null;
  server.on('session', (session) => { clients.add(session); if (arriving) sockets.set(session, arriving); session.once('close', () => clients.delete(session)); if (closing) session.close(); });
  server.on('sessionError', () => undefined); // its connection is closed already
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined); // the client has gone; "close" follows
    carry(stream, headers).catch(() => refuse(stream, 'The gateway failed to carry this call.'));
  });

  /** One connection to each replica carries all calls. Null where it cannot be had. */
  function sessionTo(host: string, port: number, seal: string | null): Promise<ClientHttp2Session | null> {
    const key = `${host} ${port} ${seal ?? ''}`;
    const known = upstreams.get(key);
    if (known) return known;
    const made = dial(host, port, seal, () => { if (upstreams.get(key) === made) upstreams.delete(key); });
    upstreams.set(key, made);
    return made;
  }

  async function carry(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    const orders = parts.config();
    if (!orders) return refuse(stream, 'The gateway has no orders yet.');
    const admission: Admission = openCalls.has(headers[':path'] ?? '') ? { client: null } : parts.doors.admit(headers, parts.doors.arrivalOf(sockets.get(stream.session ?? stream) ?? {}));
    if ('refused' in admission) return refuse(stream, admission.sentence, codeOf[admission.refused]);
    if (orders.stopped) return refuse(stream, `Stopped for acceptance since ${orders.stopped.since}: ${orders.stopped.reason}`);
    if (managingCalls.test(headers[':path'] ?? '') && orders.targets.some(({ closedPaths = [] }) => closedPaths.length > 0)) return refuse(stream, 'Models of this station are managed by Millwright, not at its address.', codeOf.certificate);
    const key = orders.canary?.keyHeader ? headers[orders.canary.keyHeader] : null;
    for (const name of targetsToTry(orders, typeof key === 'string' ? key : null, parts.share)) {
      const target = orders.targets.find(({ id }) => id === name);
      for (const replica of target ? parts.replicas.inTurn(target) ?? [placeOf(target)] : []) {
        if (!target || replica.place.grpcPort === null) continue;
        const session = await sessionTo(replica.place.host, replica.place.grpcPort, sealOf(target, replica.place));
        if (stream.destroyed) return;
        const upstream = session ? open(session, headers, nameBehind(admission.client, headers, stream.session?.socket.remoteAddress), target) : null;
        if (upstream) { pass(stream, upstream, replica, parts.states.of(name), headers[':path'] ?? ''); return; }
        replica.failed += 1;
        parts.replicas.leave(replica);
      }
    }
    refuse(stream, 'The model cannot be reached over gRPC.');
  }

  return {
    take(socket) {
      arriving = socket;
      server.emit('connection', socket); // makes the session at once
      arriving = null;
    },
    close() {
      closing = true;
      for (const session of clients) session.close();
      for (const made of upstreams.values()) void made.then((session) => session?.close());
    },
  };
}

function dial(host: string, port: number, seal: string | null, forget: () => void): Promise<ClientHttp2Session | null> {
  return new Promise((resolve) => {
    const session = connect(`http://${host.includes(':') ? `[${host}]` : host}:${port}`, { settings, createConnection: () => (seal === null ? dialTcp({ host, port, noDelay: true }) : dialSealed(host, port, seal)) });
    const timer = setTimeout(() => session.destroy(), connectMs);
    session.once('connect', () => { clearTimeout(timer); resolve(session); });
    session.on('goaway', forget); // what is under way there ends there
    session.on('error', () => undefined);
    session.once('close', () => { clearTimeout(timer); forget(); resolve(null); });
  });
}

/** Null where the connection was closed meanwhile. */
function open(session: ClientHttp2Session, headers: IncomingHttpHeaders, client: string, { key }: GatewayTarget): ClientHttp2Stream | null {
  const { ':authority': _authority, authorization: _shownHere, ...rest } = headers;
  try {
    return session.request({ ...rest, ...(key === undefined ? {} : { authorization: `Bearer ${key}` }), [clientHeader]: client }, { endStream: false });
  } catch {
    return null;
  }
}

/** Both directions as they come; a replica that is lost in the middle ends the call as UNAVAILABLE. */
function pass(stream: ServerHttp2Stream, upstream: ClientHttp2Stream, replica: Replica, state: TargetState, path: string): void {
  const startedMs = performance.now();
  const lost = statusHeaders('The replica was lost while it was asked.');
  let ending: IncomingHttpHeaders | null = null;
  let wanted = false;
  const finish = () => { if (wanted && !stream.destroyed && (ending !== null || upstream.closed || upstream.destroyed)) { wanted = false; stream.sendTrailers(ending ?? lost); } };
  const leave = () => upstream.close(constants.NGHTTP2_CANCEL);
  // One that is not ready is tried as the last resort: it is given up by its own silence only.
  if (!replica.lost.signal.aborted) replica.lost.signal.addEventListener('abort', leave, { once: true });
  const { signal } = replica.lost;
  replica.inFlight += 1;
  state.inFlight += 1;
  stream.on('wantTrailers', () => { wanted = true; finish(); });
  upstream.on('response', (answer, flags) => {
    if (stream.destroyed) return;
    if ((flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0) { ending = answer; stream.respond(answer, { endStream: true }); return; }
    stream.respond(answer, { waitForTrailers: true });
    upstream.pipe(stream);
  });
  upstream.on('trailers', (trailers) => { ending = trailers; finish(); });
  upstream.on('error', () => undefined); // "close" follows
  upstream.once('close', () => {
    if (stream.destroyed) return;
    if (stream.headersSent) { if (!stream.writableEnded) stream.end(); finish(); } else refuse(stream, 'The replica was lost while it was asked.');
  });
  stream.once('close', () => {
    signal.removeEventListener('abort', leave);
    replica.inFlight -= 1;
    state.inFlight -= 1;
    const status = ending?.['grpc-status'];
    const cancelled = ending === null && stream.rstCode === constants.NGHTTP2_CANCEL;
    if (!cancelled) {
      const failed = ending === null || faults.has(String(status));
      if (failed) { replica.failed += 1; state.failed += 1; } else { replica.answered += 1; state.answered += 1; }
      if (path.endsWith('/ModelInfer')) state.recent.observe(failed, performance.now() - startedMs);
    }
    if (!upstream.closed) leave();
  });
  stream.pipe(upstream);
}
