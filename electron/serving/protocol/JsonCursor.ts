// A place in a JSON text that is read as bytes, and the few steps that readers of it share.
import { badInput } from './badInput.ts';

export interface JsonCursor { readonly bytes: Buffer; at: number; readonly end: number }

export const code = { quote: 34, comma: 44, minus: 45, dot: 46, zero: 48, nine: 57, colon: 58, open: 91, backslash: 92, close: 93, openObject: 123, closeObject: 125, e: 101, upperE: 69 } as const;
/** Deeper nesting than any tensor or parameter has. */
const depthMax = 64;
/** Of a value that is no tensor; as objects JSON takes many times its bytes. */
const valueBytesMax = 1024 ** 2;
const utf8 = new TextDecoder('utf-8', { fatal: true });

export function skipSpace(cursor: JsonCursor): number {
  const { bytes } = cursor;
  let at = cursor.at;
  let byte = bytes[at];
  while (byte === 32 || byte === 10 || byte === 13 || byte === 9) byte = bytes[++at];
  cursor.at = at;
  return at < cursor.end ? byte ?? -1 : -1;
}

export function malformed(cursor: JsonCursor, wanted: string): Error {
  return badInput(cursor.at >= cursor.end ? `The JSON of the request ends too early; ${wanted} is missing.` : `The JSON of the request is not valid at byte ${cursor.at}: ${wanted} was expected.`);
}

export function expect(cursor: JsonCursor, byte: number): void {
  if (skipSpace(cursor) !== byte) throw malformed(cursor, `"${String.fromCharCode(byte)}"`);
  cursor.at++;
}

/** The text between the cursor and the end of the string that starts there. */
export function readString(cursor: JsonCursor): string {
  if (skipSpace(cursor) !== code.quote) throw malformed(cursor, 'a string');
  const start = cursor.at;
  let plain = true;
  let at = start + 1;
  for (;; at++) {
    if (at >= cursor.end) { cursor.at = at; throw malformed(cursor, 'the end of a string'); }
    const byte = cursor.bytes[at]!;
    if (byte === code.quote) break;
    if (byte === code.backslash) { plain = false; at++; } else if (byte < 32) { cursor.at = at; throw malformed(cursor, 'a string without control characters'); } else if (byte > 126) plain = false;
  }
  cursor.at = at + 1;
  if (plain) return cursor.bytes.toString('latin1', start + 1, at);
  return parseText(cursor.bytes.subarray(start, at + 1), start) as string; // begins and ends with a quote
}

function parseText(bytes: Buffer, at: number): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    throw badInput(`The JSON of the request is not valid near byte ${at}.`);
  }
}

/** Moves behind the value at the cursor without looking closely; strings and brackets are all that is heeded. */
export function skipValue(cursor: JsonCursor): void {
  const { bytes, end } = cursor;
  let depth = 0;
  if (skipSpace(cursor) === -1) throw malformed(cursor, 'a value');
  let at = cursor.at;
  for (; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === code.quote) {
      cursor.at = at;
      at++;
      while (at < end && bytes[at] !== code.quote) at += bytes[at] === code.backslash ? 2 : 1;
      if (depth === 0) { at++; break; }
    } else if (byte === code.open || byte === code.openObject) {
      if (++depth > depthMax) throw badInput(`The JSON of the request is nested deeper than ${depthMax} levels.`);
    } else if (byte === code.close || byte === code.closeObject) {
      if (depth === 0) break;
      if (--depth === 0) { at++; break; }
    } else if (depth === 0 && byte === code.comma) break;
  }
  cursor.at = at;
  if (depth > 0 || at > end) { cursor.at = end; throw malformed(cursor, 'the end of a value'); }
}

/** Any small value: parameters, names, shapes. */
export function readValue(cursor: JsonCursor): unknown {
  skipSpace(cursor);
  const start = cursor.at;
  skipValue(cursor);
  if (cursor.at - start > valueBytesMax) throw badInput(`The value at byte ${start} of the request has ${cursor.at - start} bytes, which only the data of a tensor may have.`);
  return parseText(cursor.bytes.subarray(start, cursor.at), start);
}

/** Calls `field` with the cursor at each value of the object that starts here; `field` must read that value. */
export function readObject(cursor: JsonCursor, what: string, field: (name: string) => void): void {
  if (skipSpace(cursor) !== code.openObject) throw badInput(`${what} must be a JSON object.`);
  cursor.at++;
  const seen = new Set<string>();
  if (skipSpace(cursor) === code.closeObject) { cursor.at++; return; }
  for (;;) {
    const name = readString(cursor);
    if (seen.has(name)) throw badInput(`${what} has "${name.slice(0, 60)}" twice.`);
    seen.add(name);
    expect(cursor, code.colon);
    field(name);
    const next = skipSpace(cursor);
    if (next === code.comma) { cursor.at++; continue; }
    if (next === code.closeObject) { cursor.at++; return; }
    throw malformed(cursor, '"," or "}"');
  }
}

/** Calls `element` with the cursor at each element of the array that starts here. */
export function readArray(cursor: JsonCursor, what: string, element: () => void): void {
  if (skipSpace(cursor) !== code.open) throw badInput(`${what} must be a JSON array.`);
  cursor.at++;
  if (skipSpace(cursor) === code.close) { cursor.at++; return; }
  for (;;) {
    element();
    const next = skipSpace(cursor);
    if (next === code.comma) { cursor.at++; continue; }
    if (next === code.close) { cursor.at++; return; }
    throw malformed(cursor, '"," or "]"');
  }
}
