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
