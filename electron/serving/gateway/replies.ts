// What the gateway says in its own words.
import type { ServerResponse } from 'node:http';

export function answer(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

export function refuse(response: ServerResponse, status: number, sentence: string, requestId: string): void {
  if (response.headersSent || response.destroyed) return;
  const body = JSON.stringify({ error: sentence });
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'x-request-id': requestId, ...(status === 503 ? { 'retry-after': '1' } : {}), ...(status === 413 ? { connection: 'close' } : {}) });
  response.end(body);
}

/** As HTTP says what is missing: a key (RFC 6750), a certificate, or encryption (RFC 9110, 15.5.22). */
export function turnAway(response: ServerResponse, why: 'tls' | 'certificate' | 'key', sentence: string, requestId: string): void {
  if (why === 'key') response.setHeader('www-authenticate', 'Bearer');
  if (why === 'tls') { response.setHeader('upgrade', 'TLS/1.2, HTTP/1.1'); response.setHeader('connection', 'upgrade'); }
  refuse(response, why === 'key' ? 401 : why === 'certificate' ? 403 : 426, sentence, requestId);
}
