// Walks the protobuf encoding of a model before it is decoded: every tag, length and nesting is checked, and the memory that decoding
// would take is bounded, so that a damaged or hostile file ends in a reason with its offset instead of a crash or a full memory.
import { stringHeapBytes, wireTypes, type MessageForm } from './messageTable.ts';

/** Same limit as the reference parser: a subgraph within a subgraph costs three levels. */
export const maxNesting = 100;

/** Why the bytes are not a model; `offset` is where, in bytes from the start of the file. */
export class WireFault extends Error {
  readonly offset: number;
  constructor(reason: string, offset: number) {
    super(reason);
    this.name = 'WireFault';
    this.offset = offset;
  }
}

export interface WireSummary {
  /** Bytes of JavaScript heap that the model takes once decoded and checked, estimated; tensor bytes are views and cost nothing. */
  readonly heapBytes: number;
  /** Fields that the schema does not name, at any level: kept, but worth a word. */
  readonly unknownFields: number;
}

/**
 * Heap that a model may take once decoded and checked: generous for any real model (the nodes of a decision tree cost most for their size in the
 * file, about 14 times), and bounded for a file made to fill the memory.
 */
export function heapLimitBytes(fileBytes: number): number {
  return Math.min(192 * 2 ** 20 + 16 * fileBytes, 3 * 2 ** 30);
}

/** Throws WireFault on the first thing that is wrong. */
export function wireCheck(bytes: Uint8Array, root: MessageForm, heapLimit: number = heapLimitBytes(bytes.length)): WireSummary {
  let at = 0;
  let heapBytes = 0;
  let unknownFields = 0;
  const path: string[] = [];
  const where = () => (path.length === 0 ? root.name : path.slice(-6).join('.'));
  const fault = (reason: string, offset: number): WireFault => new WireFault(reason, offset);

  function spend(amount: number): void {
    heapBytes += amount;
    if (heapBytes > heapLimit) throw fault(`it declares more parts than a file of ${bytes.length} bytes can sensibly hold`, at);
  }

  /** A varint below 2^32 (tags and lengths). */
  function readVarint32(what: string, end: number): number {
    const start = at;
    let value = 0;
    for (let i = 0; i < 10; i++) {
      if (at >= end) throw fault(`${what} in ${where()} is cut off`, start);
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    throw fault(`${what} in ${where()} is longer than ten bytes`, start);
  }

  function skipVarint(end: number): void {
    const start = at;
    for (let i = 0; i < 10; i++) {
      if (at >= end) throw fault(`a number in ${where()} is cut off`, start);
      if ((bytes[at++] ?? 0) < 0x80) return;
    }
    throw fault(`a number in ${where()} is longer than ten bytes`, start);
  }

  function skipFixed(size: number, end: number): void {
    if (at + size > end) throw fault(`a number in ${where()} is cut off`, at);
    at += size;
  }

  /** Reads the length of a field and answers where it ends. */
  function readLength(name: string, end: number): number {
    const start = at;
    const length = readVarint32(`the length of ${name}`, end);
    if (at + length > end) throw fault(`${path.length ? `${where()}.` : ''}${name} declares ${length} bytes, but only ${end - at} are left`, start);
    return at + length;
  }

  function packedNumbers(wire: 0 | 1 | 5, name: string, end: number, heapPerNumber: number): void {
    if (wire !== wireTypes.varint) {
      const size = wire === wireTypes.fixed64 ? 8 : 4;
      if ((end - at) % size !== 0) throw fault(`${where()}.${name} holds ${end - at} bytes, which is no multiple of ${size}`, at);
      spend(((end - at) / size) * heapPerNumber);
      at = end;
      return;
    }
    while (at < end) {
      skipVarint(end);
      spend(heapPerNumber);
    }
  }

  function skipUnknown(wire: number, number: number, end: number, depth: number): void {
    unknownFields += 1;
    spend(200);
    switch (wire) {
      case wireTypes.varint: return skipVarint(end);
      case wireTypes.fixed64: return skipFixed(8, end);
      case wireTypes.fixed32: return skipFixed(4, end);
      case wireTypes.bytes: at = readLength(`field ${number}`, end); return;
      case wireTypes.startGroup: return skipGroup(number, end, depth);
      default: throw fault(`${where()} has a field ${number} of wire type ${wire}, which does not exist`, at);
    }
  }

  function skipGroup(number: number, end: number, depth: number): void {
    const start = at;
    if (depth > maxNesting) throw fault(`it is nested deeper than ${maxNesting} levels`, start);
    while (at < end) {
      const tag = readVarint32('a tag', end);
      const inner = Math.floor(tag / 8);
      if (tag % 8 === wireTypes.endGroup) {
        if (inner !== number) throw fault(`a group in ${where()} ends as field ${inner}, but began as field ${number}`, at);
        return;
      }
      if (inner === 0) throw fault(`${where()} has a field numbered 0`, at);
      skipUnknown(tag % 8, inner, end, depth + 1);
    }
    throw fault(`a group in ${where()} has no end`, start);
  }

  function walk(form: MessageForm, end: number, depth: number): void {
    if (depth > maxNesting) throw fault(`it is nested deeper than ${maxNesting} levels`, at);
    spend(form.heapBytes);
    while (at < end) {
      const start = at;
      const tag = readVarint32('a tag', end);
      const number = Math.floor(tag / 8);
      const wire = tag % 8;
      if (number === 0 || number > 0x1fffffff) throw fault(`${where()} has a field numbered ${number}`, start);
      const field = form.fields.get(number);
      if (!field) {
        skipUnknown(wire, number, end, depth + 1);
        continue;
      }
      const expected = field.form === 'number' ? field.wire : wireTypes.bytes;
      const packed = field.form === 'number' && field.list && wire === wireTypes.bytes;
      if (wire !== expected && !packed) throw fault(`${path.length ? `${where()}.` : ''}${field.name} is stored as wire type ${wire}, but must be ${expected}`, start);
      if (field.form === 'number') {
        if (packed) packedNumbers(field.wire, field.name, readLength(field.name, end), field.heapBytes);
        else {
          spend(field.heapBytes);
          if (field.wire === wireTypes.varint) skipVarint(end);
          else skipFixed(field.wire === wireTypes.fixed64 ? 8 : 4, end);
        }
        continue;
      }
      const fieldEnd = readLength(field.name, end);
      if (field.form === 'message') {
        path.push(field.name);
        walk(field.message, fieldEnd, depth + 1);
        path.pop();
      } else {
        spend(field.form === 'string' ? stringHeapBytes + (fieldEnd - at) : 200);
        at = fieldEnd;
      }
    }
  }

  walk(root, bytes.length, 1);
  return { heapBytes, unknownFields };
}
