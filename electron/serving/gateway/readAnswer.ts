// Reads a whole answer for comparing.
import type { IncomingMessage } from 'node:http';
import type { Answer } from './compareAnswers.ts';

/** Null where it broke off or is larger than `maxBytes`; the rest is then let go. */
export async function readAnswer(response: IncomingMessage, maxBytes: number): Promise<Answer | null> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of response) {
      // A stream without an encoding gives Buffers.
      const chunk = part as Buffer;
      bytes += chunk.length;
      if (bytes > maxBytes) { response.destroy(); return null; }
      parts.push(chunk);
    }
  } catch { return null; }
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) };
}
