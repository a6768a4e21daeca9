// Reads the body of a request whole, so that it can be sent twice; no more than is allowed.
import type { IncomingMessage } from 'node:http';

/** Null where the body is larger than `maxBytes`, told from the header where it can be. Rejects where the client goes away. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | null> {
  const declared = Number(request.headers['content-length'] ?? 'NaN');
  if (declared > maxBytes) return null;
  const whole = Number.isInteger(declared) && declared >= 0 ? Buffer.allocUnsafe(declared) : null;
  const parts: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop must not tear the connection down: the refusal still has to reach the client.
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    // A stream without an encoding gives Buffers.
    const chunk = part as Buffer;
    if (bytes + chunk.length > maxBytes) return null;
    if (whole) chunk.copy(whole, bytes);
    else parts.push(chunk);
    bytes += chunk.length;
  }
  return whole ? whole.subarray(0, bytes) : Buffer.concat(parts);
}
