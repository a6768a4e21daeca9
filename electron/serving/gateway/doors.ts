// The doors of a station: connections are encrypted where the orders say so, and clients are let in by their keys.
import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { createSecureContext, createServer as createTlsServer, type Server as TlsServer, type TLSSocket } from 'node:tls';
import type { AdmissionStatus, GatewayConfig, GatewayTls } from '#shared/gateway';
import { bearerOf, digestOf } from '../checkBearer.ts';

/** How a request came: what its connection tells. */
export interface Arrival { readonly encrypted: boolean; /** A certificate of the authority that the orders name now. */ readonly certified: boolean }

/** `client` is null where everyone may ask, and the console's own name for the console. */
export type Admission = { readonly client: string | null } | { readonly refused: 'tls' | 'certificate' | 'key'; readonly sentence: string };

export interface Doors {
  follow(config: GatewayConfig | null): void;
  /** Whether anything is asked of connections at all. */
  guarded(): boolean;
  /** `take` is given connections as they come, or decrypted; one port speaks both, so that the console and probes need no certificate. */
  door(protocol: 'http/1.1' | 'h2', take: (socket: Socket) => void): (socket: Socket) => void;
  /** Whether the request shows the gateway's own key, which the console has. */
  showsKey(headers: IncomingHttpHeaders): boolean;
  arrivalOf(socket: object): Arrival;
  admit(headers: IncomingHttpHeaders, arrival: Arrival): Admission;
  status(): AdmissionStatus;
  /** Ends connections on which nothing came. */
  close(): void;
}

/** First byte of a TLS record that begins a handshake (RFC 8446, 5.1). */
const handshake = 22;
const firstByteMs = 20_000;
const consoleName = 'Millwright';

/** Null where the certificates can be used, else one sentence. */
export function problemOfTls(tls: GatewayTls | null): string | null {
  if (tls === null) return null;
  try {
    createSecureContext(contextOf(tls));
    return null;
  } catch (error) {
    return `The certificate cannot be used: ${error instanceof Error ? error.message : String(error)}`;
  }
}

const contextOf = ({ cert, key, clientCa }: GatewayTls) => ({ cert, key, minVersion: 'TLSv1.2' as const, ...(clientCa === null ? {} : { ca: clientCa }) });
const sameTls = (a: GatewayTls | null, b: GatewayTls | null): boolean => a === b || (a !== null && b !== null && a.cert === b.cert && a.key === b.key && a.clientCa === b.clientCa);

export function makeDoors(key: string | null, now: () => number): Doors {
  const own = key === null ? null : digestOf(key);
  const shown = ({ authorization }: IncomingHttpHeaders): Buffer | null => { const given = bearerOf(authorization); return given === null ? null : digestOf(given); };
  const isOwn = (given: Buffer | null): boolean => own !== null && given !== null && timingSafeEqual(given, own);
  let clients: ReadonlyMap<string, string> | null = null;
  let tls: GatewayTls | null = null;
  /** Nothing came from these yet. */
  const arriving = new Set<Socket>();
  const seen = new Map<string, { asked: number; lastMs: number }>();
  let refused = 0;
  let lastRefusedMs: number | null = null;
  /** The authority that was asked about when the connection was made: another one has not looked at its certificate. */
  const askedOf = new WeakMap<object, string | null>();

  function secureServer(wanted: GatewayTls, protocol: string, take: (socket: Socket) => void): TlsServer {
    // Whether a certificate is good is looked at with each request: probes have none, and others get a sentence.
    const server = createTlsServer({ ...contextOf(wanted), ALPNProtocols: [protocol], requestCert: wanted.clientCa !== null, rejectUnauthorized: false, handshakeTimeout: firstByteMs }, (socket) => { askedOf.set(socket, wanted.clientCa); take(socket); });
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    return server;
  }

  const turnAway = (why: 'tls' | 'certificate' | 'key', sentence: string): Admission => {
    refused += 1;
    lastRefusedMs = now();
    return { refused: why, sentence };
  };

  return {
    follow(config) {
      clients = config?.clients ? new Map(config.clients.map(({ name, sha256 }) => [sha256, name])) : null;
      const next = config?.tls ?? null;
      if (!sameTls(tls, next)) tls = next;
      const named = new Set(clients?.values());
      for (const name of seen.keys()) if (!named.has(name)) seen.delete(name);
    },
    guarded: () => clients !== null || tls !== null,
    door(protocol, take) {
      let made: { readonly of: GatewayTls; readonly server: TlsServer } | null = null;
      return (socket) => {
        const wanted = tls;
        if (wanted === null) { take(socket); return; }
        const give = () => socket.destroy();
        arriving.add(socket);
        socket.on('error', give).once('end', give).once('close', () => arriving.delete(socket));
        socket.setTimeout(firstByteMs, give);
        socket.once('data', (head: Buffer) => {
          arriving.delete(socket);
          socket.setTimeout(0);
          socket.off('timeout', give).off('end', give);
          socket.pause();
          socket.unshift(head);
          if (head[0] !== handshake) take(socket);
          else {
            if (made?.of !== wanted) made = { of: wanted, server: secureServer(wanted, protocol, take) };
            socket.allowHalfOpen = false; // the server of HTTP leaves that to itself, a handshake that was given up would hang
            made.server.emit('connection', socket);
          }
          process.nextTick(() => socket.resume());
        });
      };
    },
    showsKey: (headers) => isOwn(shown(headers)),
    arrivalOf(socket) {
      const { encrypted = false, authorized = false } = socket as Partial<Pick<TLSSocket, 'encrypted' | 'authorized'>>; // a plain socket has neither
      return { encrypted, certified: authorized && tls !== null && askedOf.get(socket) === tls.clientCa };
    },
    admit(headers, { encrypted, certified }) {
      if (clients === null && tls === null) return { client: null };
      const given = shown(headers);
      if (isOwn(given)) return { client: consoleName };
      if (tls !== null && !encrypted) return turnAway('tls', 'This station wants encrypted connections: ask it with https, or over gRPC with TLS.');
      if (tls?.clientCa && !certified) return turnAway('certificate', 'This station wants a client certificate that its authority has signed.');
      if (clients === null) return { client: null };
      const name = given === null ? undefined : clients.get(given.toString('hex'));
      if (name === undefined) return turnAway('key', given === null ? 'This station wants a key: send the header Authorization: Bearer KEY.' : 'This key does not fit: it was made for another station, or was withdrawn.');
      const { asked } = seen.get(name) ?? { asked: 0 };
      seen.set(name, { asked: asked + 1, lastMs: now() });
      return { client: name };
    },
    status: () => ({
      clients: [...seen].map(([name, { asked, lastMs }]) => ({ name, asked, lastAt: new Date(lastMs).toISOString() })),
      refused, lastRefusedAt: lastRefusedMs === null ? null : new Date(lastRefusedMs).toISOString(),
    }),
    close() { for (const socket of arriving) socket.destroy(); },
  };
}
