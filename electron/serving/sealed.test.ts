// Sealed connections over real sockets on loopback: who has the key is answered, everyone else gets no further than the handshake.
import { createServer, request as requestPlainly, type Server as HttpServer } from 'node:http';
import { request, Agent } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { openUpstreams, sealedServer, type Upstreams } from './sealed.ts';

const closers: (() => void)[] = [];
afterEach(() => { for (const close of closers.splice(0)) close(); });

async function startDoor(key: string): Promise<{ readonly port: number; readonly inner: HttpServer }> {
  const inner = createServer((incoming, response) => { incoming.pipe(response); });
  const door: Server = sealedServer(key, 'http/1.1', (socket) => { inner.emit('connection', socket); });
  await new Promise<void>((resolve) => { door.listen(0, '127.0.0.1', resolve); });
  closers.push(() => { door.close(); inner.closeAllConnections(); });
  return { port: (door.address() as AddressInfo).port, inner }; // a server on a port has one
}

function open(): Upstreams {
  const upstreams = openUpstreams({ maxSockets: 4, maxFreeSockets: 4 });
  closers.push(() => upstreams.destroy());
  return upstreams;
}

/** The answer and the cipher, or the code of the error. */
const ask = (port: number, agent: Agent | null, body = 'a request'): Promise<string> => new Promise((resolve) => {
  const options = { host: '127.0.0.1', port, method: 'POST', path: '/', headers: { 'content-length': Buffer.byteLength(body) } };
  const sent = agent === null ? requestPlainly({ ...options, agent: false }) : request({ ...options, agent });
  sent.on('response', (response) => {
    const { socket } = response;
    const cipher = 'getCipher' in socket && typeof socket.getCipher === 'function' ? (socket.getCipher as () => { name: string }).call(socket).name : 'none'; // one of TLS has it
    const parts: Buffer[] = [];
    response.on('data', (part: Buffer) => parts.push(part)).on('end', () => resolve(`${sent.reusedSocket ? 'again ' : ''}${cipher}: ${Buffer.concat(parts).toString()}`));
  });
  sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  sent.end(body);
});

it('answers who has the key, with a cipher that nobody can read later, and keeps the connection', async () => {
  const { port } = await startDoor('the key of this station');
  const agent = open().sealed('the key of this station');
  expect(await ask(port, agent)).toBe('ECDHE-PSK-CHACHA20-POLY1305: a request');
  expect(await ask(port, agent, 'x'.repeat(1_000_000))).toBe(`again ECDHE-PSK-CHACHA20-POLY1305: ${'x'.repeat(1_000_000)}`);
});

it('answers nobody else: another key, a client of TLS without a key, one without encryption', async () => {
  const { port, inner } = await startDoor('the key of this station');
  let asked = 0;
  inner.on('request', () => { asked += 1; });
  const refused = [await ask(port, open().sealed('another key')), await ask(port, new Agent({ rejectUnauthorized: false })), await ask(port, null)];
  expect(refused.every((code) => /^(?:EPROTO|ECONNRESET|EPIPE|ERR_SSL_\w+)$/.test(code)), refused.join()).toBe(true);
  expect(asked).toBe(0);
});

it('gives each key connections of its own', async () => {
  const [one, other] = [await startDoor('the key of one'), await startDoor('the key of the other')];
  const upstreams = open();
  expect(await ask(one.port, upstreams.sealed('the key of one'))).toContain('a request');
  expect(await ask(other.port, upstreams.sealed('the key of the other'))).toContain('a request');
  expect(await ask(one.port, upstreams.sealed('the key of the other'))).not.toContain('a request');
});
