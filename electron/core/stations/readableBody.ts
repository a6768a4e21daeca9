// What stood in a body, as text for people.
import { binaryHeadLength } from './binaryHead.ts';

const charsMax = 4000;

const withThousands = (bytes: number): string => bytes.toLocaleString('en-US');

export function textOrNull(body: Uint8Array): string | null {
  try { return new TextDecoder('utf-8', { fatal: true }).decode(body); } catch { return null; }
}

const cut = (text: string): string => (text.length > charsMax ? `${text.slice(0, charsMax)}… (${withThousands(text.length)} characters)` : text);

/** The text itself; of the binary tensor extension its JSON and how many bytes follow; of anything else its size and type. `body` is null where it was not kept. */
export function readableBody(headers: Readonly<Record<string, string>>, body: Uint8Array | null): string {
  if (body === null) return 'The body was too large to be kept.';
  if (body.length === 0) return 'Empty.';
  const type = headers['content-type'] ?? 'unknown type';
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') return `${withThousands(body.length)} bytes of ${type}, compressed with ${encoding}.`;
  const head = binaryHeadLength(headers);
  if (head !== null && head > 0 && head <= body.length) return `${cut(textOrNull(body.subarray(0, head)) ?? '')}\n${withThousands(body.length - head)} bytes of tensors follow.`;
  const text = textOrNull(body);
  return text === null ? `${withThousands(body.length)} bytes of ${type}.` : cut(text);
}
