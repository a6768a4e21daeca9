// Protobuf messages described by their field numbers, and a codec for them: for the small messages; tensors have readers of their own.
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { AppError } from '#shared/errors';

export type Scalar = 'string' | 'bool' | 'int32' | 'int64' | 'uint64' | 'double' | 'bytes';
export interface Field { readonly number: number; readonly kind: Scalar | MessageTable; readonly repeated?: boolean; /** A map from text to `kind`. */ readonly map?: boolean }
export type MessageTable = { readonly [name: string]: Field };
export type MessageValue = { readonly [name: string]: unknown };

const wireTypes: Readonly<Record<Scalar, WireType>> = { string: WireType.LengthDelimited, bytes: WireType.LengthDelimited, bool: WireType.Varint, int32: WireType.Varint, int64: WireType.Varint, uint64: WireType.Varint, double: WireType.Bit64 };

// the tables decide the types of values, and a table beside each message is what the tests hold against the clients' own descriptors
function writeScalar(writer: BinaryWriter, kind: Scalar, value: unknown): void {
  switch (kind) {
    case 'string': writer.string(String(value)); break;
    case 'bytes': writer.bytes(value as Uint8Array); break;
    case 'bool': writer.bool(value === true); break;
    case 'int32': writer.int32(Number(value)); break;
    case 'int64': writer.int64(value as number); break;
    case 'uint64': writer.uint64(value as number); break;
    case 'double': writer.double(Number(value)); break;
  }
}

function writeOne(writer: BinaryWriter, number: number, kind: Scalar | MessageTable, value: unknown): void {
  if (typeof kind === 'string') writeScalar(writer.tag(number, wireTypes[kind]), kind, value);
  else writer.tag(number, WireType.LengthDelimited).bytes(encodeMessage(kind, value as MessageValue)); // the table says that it is a message
}

/** Fields whose value is absent, null, 0, false or empty text are left out, as proto3 does. */
export function encodeMessage(table: MessageTable, value: MessageValue): Uint8Array {
  const writer = new BinaryWriter();
  for (const [name, { number, kind, repeated, map }] of Object.entries(table)) {
    const given = value[name];
    if (given === undefined || given === null) continue;
    if (map) {
      const entry: MessageTable = { key: { number: 1, kind: 'string' }, value: { number: 2, kind } };
      for (const [key, item] of Object.entries(given)) writeOne(writer, number, entry, { key, value: item });
    } else if (repeated) {
      for (const item of given as readonly unknown[]) writeOne(writer, number, kind, item);
    } else if (given !== 0 && given !== false && given !== '') writeOne(writer, number, kind, given);
  }
  return writer.finish();
}

function readScalar(reader: BinaryReader, kind: Scalar): unknown {
  switch (kind) {
    case 'string': return reader.string();
    case 'bytes': return reader.bytes();
    case 'bool': return reader.bool();
    case 'int32': return reader.int32();
    case 'int64': return numberOf(reader.int64());
    case 'uint64': return numberOf(reader.uint64());
    case 'double': return reader.double();
  }
}

/** A number where it is exact. */
export const numberOf = (value: bigint | string): number | bigint => { const whole = BigInt(value); return whole >= -(2n ** 53n) && whole <= 2n ** 53n ? Number(whole) : whole; };

/** Unknown fields are skipped. @throws BAD_INPUT */
export function decodeMessage(table: MessageTable, bytes: Uint8Array): Record<string, unknown> {
  return guarded(() => {
    const byNumber = new Map(Object.entries(table).map(([name, field]) => [field.number, { name, ...field }]));
    const value: Record<string, unknown> = {};
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [number, wire] = reader.tag();
      const field = byNumber.get(number);
      if (!field || wire !== (typeof field.kind === 'string' && !field.map ? wireTypes[field.kind] : WireType.LengthDelimited)) { reader.skip(wire, number); continue; }
      if (field.map) {
        const { key, value: item } = decodeMessage({ key: { number: 1, kind: 'string' }, value: { number: 2, kind: field.kind } }, reader.bytes());
        const entries = (value[field.name] ??= {}) as Record<string, unknown>; // made here
        Object.defineProperty(entries, textOf(key), { value: item, enumerable: true, configurable: true });
        continue;
      }
      const item = typeof field.kind === 'string' ? readScalar(reader, field.kind) : decodeMessage(field.kind, reader.bytes());
      if (field.repeated) ((value[field.name] ??= []) as unknown[]).push(item); // made here
      else value[field.name] = item;
    }
    return value;
  });
}

/** The text of a field; empty where it is absent, as proto3 reads it. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The reader's own errors become one sentence. */
export function guarded<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('BAD_INPUT', 'The message is not valid: it ends too early, or its fields are damaged.', { cause: error });
  }
}
