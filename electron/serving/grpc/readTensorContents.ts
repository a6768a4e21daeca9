// Reads InferTensorContents, the typed form of a tensor in a gRPC message, into the array of its datatype.
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { badInput } from '../protocol/badInput.ts';
import type { Datatype } from '../protocol/datatypes.ts';
import { refuseManyTexts } from '../protocol/tensorBytes.ts';
import type { InferData } from '../protocol/InferRequest.ts';

const fieldNames = ['', 'bool_contents', 'int_contents', 'int64_contents', 'uint_contents', 'uint64_contents', 'fp32_contents', 'fp64_contents', 'bytes_contents'] as const;
/** 0 where only the raw form exists. */
export const contentsField: Readonly<Record<Datatype['name'], number>> = { BOOL: 1, INT8: 2, INT16: 2, INT32: 2, INT64: 3, UINT8: 4, UINT16: 4, UINT32: 4, UINT64: 5, FP32: 6, FP64: 7, BYTES: 8, FP16: 0, BF16: 0 };

export function readTensorContents(bytes: Uint8Array, datatype: Datatype, count: number, what: string): InferData {
  const wanted = contentsField[datatype.name];
  if (wanted === 0) throw badInput(`The datatype ${datatype.name} of ${what} has only the raw form.`);
  if (count > bytes.length) throw badInput(`The contents of ${what} have fewer than the ${count} elements of its shape.`);
  if (!datatype.Kind) refuseManyTexts(count, what);
  const elements: Uint8Array[] = [];
  const data = datatype.Kind ? new datatype.Kind(count) : null;
  let index = 0;
  const put = (value: number | bigint) => {
    if (index >= count) throw badInput(`The contents of ${what} have more than the ${count} elements of its shape.`);
    if (datatype.range && (value < datatype.range[0] || value > datatype.range[1])) throw badInput(`Element ${index} of the contents of ${what} is ${value}, which does not fit ${datatype.name}.`);
    data![index++] = value as never; // bigint for 64-bit kinds, as the reader of that field gives
  };
  const readOne = (reader: BinaryReader): number | bigint => {
    switch (wanted) {
      case 1: return reader.bool() ? 1 : 0;
      case 2: return reader.int32();
      case 3: return BigInt(reader.int64());
      case 4: return reader.uint32();
      case 5: return BigInt(reader.uint64());
      case 6: return reader.float();
      default: return reader.double();
    }
  };
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    if (number !== wanted) {
      if (number < fieldNames.length) throw badInput(`The contents of ${what} are in ${fieldNames[number]}, and ${datatype.name} belongs in ${fieldNames[wanted]}.`);
      reader.skip(wire, number);
    } else if (wanted === 8) elements.push(reader.bytes());
    else if (wire === WireType.LengthDelimited) {
      const end = reader.uint32() + reader.pos;
      if (end > reader.len) throw badInput(`The contents of ${what} end too early.`);
      while (reader.pos < end) put(readOne(reader));
    } else put(readOne(reader));
  }
  const length = data ? index : elements.length;
  if (length !== count) throw badInput(`The contents of ${what} have ${length} elements, and its shape has ${count}.`);
  return data ?? elements;
}
