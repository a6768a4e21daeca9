// Compares the answers of two versions to one request: numbers within a tolerance, everything else exactly.
import { binaryHeadLength } from '#core/stations/binaryHead';

export interface Answer { readonly status: number; readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>; readonly body: Buffer }

export interface Comparison {
  /** Null where the answers agree; else the first difference in words. */
  readonly reason: string | null;
  /** The largest value of an output stands at another place: another class was decided. */
  readonly decisionChanged: boolean;
}

/** Differ by version without meaning anything. */
const ignored = new Set(['model_version', 'id']);

/** `tolerance` is relative above 1 and absolute below: |a - b| <= tolerance * max(1, |a|, |b|). */
export function compareAnswers(a: Answer, b: Answer, tolerance: number): Comparison {
  if (a.status !== b.status) return { reason: `status ${a.status} against ${b.status}`, decisionChanged: false };
  const [left, right] = [decode(a), decode(b)];
  if (left === null || right === null) return { reason: a.body.equals(b.body) ? null : 'the bytes differ', decisionChanged: false };
  const seen = { reason: null as string | null, decisionChanged: false };
  compareValues(left, right, 'answer', tolerance, seen);
  return seen;
}

/** The JSON of an answer with binary tensors put back in as `data`; null where it is neither. */
function decode({ headers, body }: Answer): unknown {
  const type = String(headers['content-type'] ?? '');
  const length = binaryHeadLength(headers);
  try {
    if (length === null) return type.includes('json') ? JSON.parse(body.toString('utf8')) : null;
    const head: unknown = JSON.parse(body.subarray(0, length).toString('utf8'));
    let at = length;
    for (const output of outputsOf(head)) {
      const size = output.parameters?.binary_data_size;
      if (typeof size !== 'number') continue;
      output.data = numbersOf(String(output.datatype), body.subarray(at, at + size));
      at += size;
    }
    return head;
  } catch { return null; }
}

interface Output { datatype?: unknown; data?: unknown; parameters?: { binary_data_size?: unknown } }

function outputsOf(head: unknown): Output[] {
  if (typeof head !== 'object' || head === null || !('outputs' in head) || !Array.isArray(head.outputs)) return [];
  return head.outputs.filter((output): output is Output => typeof output === 'object' && output !== null);
}

/** Floats as numbers, so that the tolerance applies; every other type as its bytes. */
function numbersOf(datatype: string, bytes: Buffer): unknown {
  if (datatype === 'FP32') return Array.from({ length: bytes.length >> 2 }, (_, i) => bytes.readFloatLE(i * 4));
  if (datatype === 'FP64') return Array.from({ length: bytes.length >> 3 }, (_, i) => bytes.readDoubleLE(i * 8));
  return bytes.toString('base64');
}

interface Seen { reason: string | null; decisionChanged: boolean }

function compareValues(a: unknown, b: unknown, place: string, tolerance: number, seen: Seen): void {
  if (typeof a === 'number' && typeof b === 'number') {
    if (Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b)) || Object.is(a, b)) return;
    seen.reason ??= `${place} is ${a} against ${b}`;
  } else if (Array.isArray(a) && Array.isArray(b)) {
    if (a.length !== b.length) { seen.reason ??= `${place} has ${a.length} values against ${b.length}`; return; }
    if (areNumbers(a) && areNumbers(b) && a.length > 1 && largestAt(a) !== largestAt(b)) seen.decisionChanged = true;
    a.forEach((value, index) => compareValues(value, b[index], `${place}[${index}]`, tolerance, seen));
  } else if (isRecord(a) && isRecord(b)) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) if (!ignored.has(key)) compareValues(a[key], b[key], `${place}.${key}`, tolerance, seen);
  } else if (a !== b) seen.reason ??= `${place} differs`;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
const areNumbers = (values: readonly unknown[]): values is readonly number[] => values.every((value) => typeof value === 'number');
const largestAt = (values: readonly number[]): number => values.reduce((best, value, index) => (value > (values[best] ?? -Infinity) ? index : best), 0);
