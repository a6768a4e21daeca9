// How urgent a request is, read from its parameters before anything else of it: priority and timeout of the protocol's schedule policy.
import { badInput } from './badInput.ts';
import type { Parameters, ParameterValue } from './InferRequest.ts';
import { code, expect, readString, skipSpace, skipValue, type JsonCursor } from './JsonCursor.ts';
import { readParameters } from './readParts.ts';

export interface Schedule {
  /** 1 comes first, `priorityLevels` last. */
  readonly priority: number;
  /** So long may it wait for its execution; 0 is for ever. */
  readonly timeoutUs: number;
}

export const priorityLevels = 10;
/** What 0, and a request that says nothing, means. */
export const usualPriority = 5;
export const usualSchedule: Schedule = { priority: usualPriority, timeoutUs: 0 };

function wholeOf(value: ParameterValue | undefined, name: string): number {
  if (value === undefined) return 0;
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 0) throw badInput(`The parameter "${name}" of the request must be a whole number that is not negative.`);
  return number;
}

/** @throws BAD_INPUT */
export function scheduleOf(parameters: Parameters): Schedule {
  const priority = wholeOf(parameters['priority'], 'priority');
  return { priority: priority === 0 ? usualPriority : Math.min(priority, priorityLevels), timeoutUs: wholeOf(parameters['timeout'], 'timeout') };
}

/** Parameters are looked for in so many bytes at either end: the front must not read whole tensors. */
const lookedAtBytes = 4096;

/** The parameters of a request in JSON, where they stand before its inputs or behind them. What cannot be read is left to whoever reads the whole. */
export function peekJsonSchedule(body: Uint8Array, jsonBytes: number): Schedule {
  const bytes = Buffer.from(body.buffer, body.byteOffset, Math.min(jsonBytes, body.length));
  return scheduleOf(attempt(() => parametersBefore({ bytes, at: 0, end: Math.min(bytes.length, lookedAtBytes) })) ?? attempt(() => parametersBehind(bytes)) ?? {});
}

function attempt<T>(read: () => T | null): T | null {
  try { return read(); } catch { return null; }
}

function parametersBefore(cursor: JsonCursor): Parameters | null {
  expect(cursor, code.openObject);
  for (;;) {
    const name = readString(cursor);
    expect(cursor, code.colon);
    if (name === 'parameters') return readParameters(cursor, 'the request');
    if (name === 'inputs') return null;
    skipValue(cursor);
    expect(cursor, code.comma);
  }
}

const key = Buffer.from('"parameters"');

/** The last parameters are those of the request where nothing but keys of the request follows them up to the end; else they are an input's or an output's. */
function parametersBehind(bytes: Buffer): Parameters | null {
  const from = Math.max(0, bytes.length - lookedAtBytes);
  const found = bytes.subarray(from).lastIndexOf(key);
  if (found === -1) return null;
  const cursor: JsonCursor = { bytes, at: from + found + key.length, end: bytes.length };
  expect(cursor, code.colon);
  const parameters = readParameters(cursor, 'the request');
  while (skipSpace(cursor) === code.comma) {
    cursor.at++;
    readString(cursor);
    expect(cursor, code.colon);
    skipValue(cursor);
  }
  expect(cursor, code.closeObject);
  return skipSpace(cursor) === -1 ? parameters : null;
}
