// Compares the answers of two versions to one request: numbers within a tolerance, everything else exactly.
import { gunzipSync, inflateSync } from 'node:zlib';
import { binaryHeadLength } from '#core/stations/binaryHead';
import { floatsOfTensor } from '#core/statistics/floatsOfTensor';

export interface Answer { readonly status: number; readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>; readonly body: Buffer }

export interface Comparison {
  /** Null where the answers agree; else the first difference in words. */
  readonly reason: string | null;
  /** The largest value of an output, of one of its samples where it has several, stands at another place: another class was decided. */
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
function decode({ headers, body: sent }: Answer): unknown {
  const type = String(headers['content-type'] ?? '');
  const length = binaryHeadLength(headers);
  try {
    const body = plain(sent, headers['content-encoding']);
    if (length === null) return type.includes('json') ? bySample(JSON.parse(body.toString('utf8'))) : null;
    const head: unknown = JSON.parse(body.subarray(0, length).toString('utf8'));
    let at = length;
    for (const output of outputsOf(head)) {
      const size = output.parameters?.binary_data_size;
      if (typeof size !== 'number') continue;
      output.data = numbersOf(String(output.datatype), body.subarray(at, at + size));
      at += size;
    }
    return bySample(head);
  } catch { return null; }
}

/** So much of one answer is unpacked for comparing; what is larger is compared as it came. */
const plainBytesMax = 64 * 1024 ** 2;
const unpackers: Readonly<Record<string, typeof gunzipSync>> = { gzip: gunzipSync, deflate: inflateSync };

function plain(sent: Buffer, coding: string | readonly string[] | undefined): Buffer {
  const unpack = typeof coding === 'string' ? unpackers[coding] : undefined;
  return unpack ? unpack(sent, { maxOutputLength: plainBytesMax }) : sent;
}

/** Each sample of a batch decides for itself, so that flat data are cut along the first axis. */
function bySample(answer: unknown): unknown {
  for (const output of outputsOf(answer)) {
    const { data, shape } = output;
    if (!Array.isArray(data) || !areNumbers(data) || !Array.isArray(shape) || shape.length < 2) continue;
    const samples = Number(shape[0]);
    if (!(samples > 1) || data.length % samples !== 0) continue;
    const size = data.length / samples;
    output.data = Array.from({ length: samples }, (_, index) => data.slice(index * size, (index + 1) * size));
  }
  return answer;
}

interface Output { shape?: unknown; datatype?: unknown; data?: unknown; parameters?: { binary_data_size?: unknown } }

function outputsOf(head: unknown): Output[] {
  if (typeof head !== 'object' || head === null || !('outputs' in head) || !Array.isArray(head.outputs)) return [];
  return head.outputs.filter((output): output is Output => typeof output === 'object' && output !== null);
}

const halves: Readonly<Record<string, 'float16' | 'bfloat16'>> = { FP16: 'float16', BF16: 'bfloat16' };

/** Floats as numbers, so that the tolerance applies; every other type as its bytes. */
function numbersOf(datatype: string, bytes: Buffer): unknown {
  if (datatype === 'FP32') return Array.from({ length: bytes.length >> 2 }, (_, i) => bytes.readFloatLE(i * 4));
  if (datatype === 'FP64') return Array.from({ length: bytes.length >> 3 }, (_, i) => bytes.readDoubleLE(i * 8));
  const half = halves[datatype];
  if (half !== undefined) return Array.from(floatsOfTensor({ type: half, dims: [bytes.length >> 1], data: Uint16Array.from({ length: bytes.length >> 1 }, (_, i) => bytes.readUInt16LE(i * 2)) }), Number);
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
