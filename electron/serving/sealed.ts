// Connections between a station's gateway and its replicas on other hosts: encrypted, and proven by both ends with the key that they share. There is no certificate that could expire or be forged.
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { connect, createServer, type Server, type TLSSocket } from 'node:tls';

/** ECDHE for keys that nobody can compute later, the shared key as proof, and a cipher that also tells changes (RFC 7905). Its kind of key exists up to TLS 1.2 only. */
const agreed = { ciphers: 'ECDHE-PSK-CHACHA20-POLY1305', minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
const identity = 'gateway';
const handshakeMs = 20_000;

/** A server that gives `take` each connection whose other end has the key, decrypted; all others are closed. */
export function sealedServer(key: string, protocol: 'http/1.1' | 'h2', take: (socket: TLSSocket) => void): Server {
  const psk = Buffer.from(key);
  const server = createServer({ ...agreed, ALPNProtocols: [protocol], handshakeTimeout: handshakeMs, noDelay: true, pskCallback: (_socket, name) => (name === identity ? psk : null) }, take);
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return server;
}

const shown = (key: string) => ({ ...agreed, pskCallback: () => ({ psk: Buffer.from(key), identity }), checkServerIdentity: () => undefined }); // who has the key is who was meant: there is no name to compare

/** Ready once "secureConnect" is heard. */
export const dialSealed = (host: string, port: number, key: string): TLSSocket => connect({ host, port, ...shown(key), ALPNProtocols: ['h2'] }).setNoDelay(true);

/** The kept connections of a gateway: plain ones, and sealed ones by their key. */
export interface Upstreams {
  readonly plain: HttpAgent;
  sealed(key: string): HttpsAgent;
  destroy(): void;
}

export function openUpstreams(limits: { readonly maxSockets: number; readonly maxFreeSockets: number }): Upstreams {
  const plain = new HttpAgent({ keepAlive: true, ...limits });
  const sealed = new Map<string, HttpsAgent>();
  return {
    plain,
    sealed(key) {
      const known = sealed.get(key) ?? new HttpsAgent({ keepAlive: true, maxCachedSessions: 0, ...limits, ...shown(key) });
      sealed.set(key, known);
      return known;
    },
    destroy() { plain.destroy(); for (const agent of sealed.values()) agent.destroy(); },
  };
}
