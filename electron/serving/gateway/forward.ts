// One attempt to have a request answered by one version, and what went wrong where it was not.
import { request as sendRequest, type Agent, type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import type { GatewayTarget } from '#shared/gateway';

export interface Question { readonly method: string; readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: Uint8Array }

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

/** Resolves with the head of the answer; never rejects. The body of the answer is still to be read. */
export function forward(target: Pick<GatewayTarget, 'host' | 'httpPort'>, { method, path, headers, body }: Question, { agent, timeoutMs, connectMs = timeoutMs, signal }: { readonly agent: Agent; readonly timeoutMs: number; /** So long may it take until there is a connection. */ readonly connectMs?: number; readonly signal: AbortSignal }): Promise<Attempt> {
  return new Promise((resolve) => {
    if (signal.aborted) { resolve({ kind: 'aborted' }); return; }
    let sent = false;
    let late = false;
    const request = sendRequest({ agent, host: target.host, port: target.httpPort, method, path, headers: { ...endToEnd(headers), 'content-length': body.length } });
    const timer = setTimeout(() => { late = true; request.destroy(); }, timeoutMs);
    const onAbort = () => { request.destroy(); };
    signal.addEventListener('abort', onAbort, { once: true });
    const end = (attempt: Attempt) => { clearTimeout(timer); resolve(attempt); };
    request.on('socket', (socket) => {
      // Bytes leave only once there is a connection; before that the version cannot have seen them.
      if (request.reusedSocket || !socket.connecting) sent = true;
      else {
        const dialing = setTimeout(() => { request.destroy(Object.assign(new Error('no connection in time'), { code: 'ETIMEDOUT' })); }, connectMs);
        socket.once('connect', () => { sent = true; clearTimeout(dialing); }).once('close', () => clearTimeout(dialing));
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
