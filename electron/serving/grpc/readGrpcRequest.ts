// Reads a ModelInferRequest: tensors from the raw contents, or from typed contents; never a mix of both.
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { badInput } from '../protocol/badInput.ts';
import { datatypeOf } from '../protocol/datatypes.ts';
import type { InferRequest, InferTensor, Parameters, ParameterValue, RequestedOutput } from '../protocol/InferRequest.ts';
import { checkShape, countOf, outputOf } from '../protocol/readParts.ts';
import { scheduleOf, type Schedule } from '../protocol/readSchedule.ts';
import { tensorFromBytes } from '../protocol/tensorBytes.ts';
import { decodeMessage, guarded, numberOf, textOf } from './MessageTable.ts';
import { inferParameter } from './messages.ts';
import { readTensorContents } from './readTensorContents.ts';

const inputsMax = 4096;

/** The name, version and place of the first raw tensor, found without reading the tensors. */
export function peekRequest(bytes: Uint8Array): { readonly name: string; readonly version: string | null; readonly rawAt: number } {
  return guarded(() => {
    const reader = new BinaryReader(bytes);
    let name = '', version = '', rawAt = 0;
    while (reader.pos < reader.len) {
      const [number, wire] = reader.tag();
      if (number === 1 && wire === WireType.LengthDelimited) name = reader.string();
      else if (number === 2 && wire === WireType.LengthDelimited) version = reader.string();
      else if (number === 7 && wire === WireType.LengthDelimited) {
        const length = reader.uint32();
        rawAt ||= reader.pos;
        reader.pos += length;
        if (reader.pos > reader.len) throw new RangeError('premature EOF');
      } else reader.skip(wire, number);
    }
    return { name, version: version === '' ? null : version, rawAt };
  });
}

/** The parameters alone, found without reading the tensors. @throws BAD_INPUT */
export const peekGrpcSchedule = (bytes: Uint8Array): Schedule => guarded(() => {
  const reader = new BinaryReader(bytes);
  const parameters: Record<string, ParameterValue> = {};
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    if (number === 4 && wire === WireType.LengthDelimited) addParameter(parameters, reader.bytes());
    else reader.skip(wire, number);
  }
  return scheduleOf(parameters);
});

function addParameter(parameters: Record<string, ParameterValue>, entry: Uint8Array): void {
  const { key, value } = decodeMessage({ key: { number: 1, kind: 'string' }, value: { number: 2, kind: inferParameter } }, entry);
  const [first] = Object.values((value ?? {}) as Record<string, ParameterValue>); // one of the table's scalars
  if (first !== undefined) Object.defineProperty(parameters, textOf(key), { value: first, enumerable: true, configurable: true });
}

interface InputHead { readonly name: string; readonly datatype: string; readonly shape: readonly number[]; readonly contents: Uint8Array | null }

function readInput(bytes: Uint8Array): InputHead {
  const reader = new BinaryReader(bytes);
  let name = '', datatype = '';
  let contents: Uint8Array | null = null;
  const shape: unknown[] = [];
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    if (number === 1) name = reader.string();
    else if (number === 2) datatype = reader.string();
    else if (number === 3 && wire === WireType.LengthDelimited) {
      const end = reader.uint32() + reader.pos;
      while (reader.pos < end && shape.length < 64) shape.push(numberOf(reader.int64()));
      reader.pos = end;
    } else if (number === 3 && shape.length < 64) shape.push(numberOf(reader.int64()));
    else if (number === 5) contents = reader.bytes();
    else reader.skip(wire, number);
  }
  return { name, datatype, shape: checkShape(shape, `input "${name}"`), contents };
}

function readOutput(bytes: Uint8Array): RequestedOutput {
  const reader = new BinaryReader(bytes);
  const parameters: Record<string, ParameterValue> = {};
  let name = '';
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    if (number === 1) name = reader.string();
    else if (number === 2) addParameter(parameters, reader.bytes());
    else reader.skip(wire, number);
  }
  return outputOf(name, parameters);
}

export function readGrpcRequest(bytes: Uint8Array): InferRequest {
  return guarded(() => {
    const reader = new BinaryReader(bytes);
    const heads: InputHead[] = [];
    const raw: Uint8Array[] = [];
    const outputs: RequestedOutput[] = [];
    const parameters: Record<string, ParameterValue> = {};
    let id = '';
    while (reader.pos < reader.len) {
      const [number, wire] = reader.tag();
      switch (number) {
        case 3: id = reader.string(); break;
        case 4: addParameter(parameters, reader.bytes()); break;
        case 5: heads.push(readInput(reader.bytes())); break;
        case 6: outputs.push(readOutput(reader.bytes())); break;
        case 7: raw.push(reader.bytes()); break;
        default: reader.skip(wire, number);
      }
      if (heads.length > inputsMax || raw.length > inputsMax || outputs.length > inputsMax) throw badInput(`The request has more than ${inputsMax} tensors.`);
    }
    if (raw.length > 0 && heads.some(({ contents }) => contents)) throw badInput('The request mixes raw_input_contents and contents.');
    if (raw.length > 0 && raw.length !== heads.length) throw badInput(`The request has ${heads.length} inputs and ${raw.length} raw_input_contents.`);
    const inputs = heads.map(({ name, datatype: text, shape, contents }, index): InferTensor => {
      const what = `input "${name.slice(0, 60)}"`;
      if (heads.findIndex((one) => one.name === name) !== index) throw badInput(`The request gives ${what} twice.`);
      const datatype = datatypeOf(text);
      if (!datatype) throw badInput(`The datatype "${text.slice(0, 24)}" of ${what} is none of the protocol.`);
      const count = countOf(shape, what);
      const bytesOf = raw[index];
      if (!bytesOf && !contents && count > 0) throw badInput(`The ${what} has no data.`);
      return { name, datatype: datatype.name, shape, data: bytesOf ? tensorFromBytes(bytesOf, datatype, count, what) : readTensorContents(contents ?? new Uint8Array(0), datatype, count, what) };
    });
    const all: Parameters = raw.length > 0 ? { ...parameters, binary_data_output: true } : parameters; // as it came, so it is answered
    return { id, parameters: all, inputs, outputs };
  });
}
