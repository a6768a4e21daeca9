// One attempt to have a request answered by one version, and what went wrong where it was not.
import { request as sendPlain, type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { request as sendSealed } from 'node:https';
import type { Hold } from '../http/lendMemory.ts';
import type { Upstreams } from '../sealed.ts';

export interface Question { readonly method: string; readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: Uint8Array; /** Where the memory of the body is used again: for as long as someone reads it. */ readonly hold?: Hold }

export type Attempt =
  | { readonly kind: 'answered'; readonly response: IncomingMessage }
  /** `sent` tells whether the version may have seen the request. */
  | { readonly kind: 'unreachable'; readonly sent: boolean; readonly reusedSocket: boolean; readonly reason: string }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'aborted' };

/** Belong to one connection and not to the message (RFC 9110, 7.6.1). */
const hopByHop = new Set(['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'expect', 'host', 'content-length']);

export function endToEnd(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const named = new Set(String(headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase()));
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.has(name) && !named.has(name)));
}

/** Where one asks: `seal` is the key that the connection is encrypted and proven with, null where it is plain. */
export interface Place { readonly host: string; readonly httpPort: number; readonly seal: string | null }

/** Resolves with the head of the answer; never rejects. The body of the answer is still to be read. */
export function forward({ host, httpPort, seal }: Place, { method, path, headers, body, hold }: Question, { upstreams, timeoutMs, connectMs = timeoutMs, signal }: { readonly upstreams: Upstreams; readonly timeoutMs: number; /** So long may it take until there is a connection. */ readonly connectMs?: number; readonly signal: AbortSignal }): Promise<Attempt> {
  return new Promise((resolve) => {
    if (signal.aborted) { resolve({ kind: 'aborted' }); return; }
    let sent = false;
    let late = false;
    const options = { host, port: httpPort, method, path, headers: { ...endToEnd(headers), 'content-length': body.length } };
    const request = seal === null ? sendPlain({ ...options, agent: upstreams.plain }) : sendSealed({ ...options, agent: upstreams.sealed(seal) });
    const connected = seal === null ? 'connect' : 'secureConnect';
    // The body may still be on its way when the answer has come, or when the attempt was given up.
    if (hold) request.once('close', hold());
    const timer = setTimeout(() => { late = true; request.destroy(); }, timeoutMs);
    const onAbort = () => { request.destroy(); };
    signal.addEventListener('abort', onAbort, { once: true });
    const end = (attempt: Attempt) => { clearTimeout(timer); resolve(attempt); };
    request.on('socket', (socket) => {
      // Bytes leave only once there is a connection; before that the version cannot have seen them.
      if (request.reusedSocket || !socket.connecting) sent = true;
      else {
        const dialing = setTimeout(() => { request.destroy(Object.assign(new Error('no connection in time'), { code: 'ETIMEDOUT' })); }, connectMs);
        socket.once(connected, () => { sent = true; clearTimeout(dialing); }).once('close', () => clearTimeout(dialing));
      }
    });
    request.once('response', (response) => {
      response.once('close', () => signal.removeEventListener('abort', onAbort));
      end({ kind: 'answered', response });
    });
    request.once('error', (error: NodeJS.ErrnoException) => {
      signal.removeEventListener('abort', onAbort);
      end(signal.aborted ? { kind: 'aborted' } : late ? { kind: 'timeout' } : { kind: 'unreachable', sent, reusedSocket: request.reusedSocket, reason: error.code ?? error.message });
    });
    request.end(body);
  });
}
