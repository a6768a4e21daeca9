// The codec of gRPC messages: round trips, the compact form of proto3, and hostile bytes.
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAppError } from '#shared/errors';
import { decodeMessage, encodeMessage } from './MessageTable.ts';
import { modelMetadata, modelStatisticsResponse, repositoryModelRequest } from './messages.ts';
import { peekGrpcSchedule, peekRequest, readGrpcRequest } from './readGrpcRequest.ts';
import { writeGrpcResponse } from './writeGrpcResponse.ts';

const refusal = (work: () => unknown) => { try { work(); return 'accepted'; } catch (error) { return isAppError(error) ? error.code : `threw ${String(error)}`; } };

/** A ModelInferRequest by its field numbers. */
function requestBytes({ raw, contents }: { readonly raw?: Uint8Array; readonly contents?: Uint8Array }): Uint8Array {
  const writer = new BinaryWriter().tag(1, WireType.LengthDelimited).string('m').tag(2, WireType.LengthDelimited).string('3').tag(3, WireType.LengthDelimited).string('id');
  writer.tag(5, WireType.LengthDelimited).fork().tag(1, WireType.LengthDelimited).string('x').tag(2, WireType.LengthDelimited).string('FP32').tag(3, WireType.LengthDelimited).fork().int64(1).int64(2).join();
  if (contents) writer.tag(5, WireType.LengthDelimited).bytes(contents);
  writer.join();
  if (raw) writer.tag(7, WireType.LengthDelimited).bytes(raw);
  return writer.finish();
}
const floats = new Uint8Array(new Float32Array([1.5, -2]).buffer);
const packed = new BinaryWriter().tag(6, WireType.LengthDelimited).bytes(floats).finish();

describe('messages', () => {
  it('come back as they went', () => {
    const metadata = { name: 'm', versions: ['1', '2'], platform: 'p', inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 3] }], outputs: [{ name: 'y', datatype: 'INT64', shape: [2 ** 40] }] };
    expect(decodeMessage(modelMetadata, encodeMessage(modelMetadata, metadata))).toEqual(metadata);
    const statistics = { model_stats: [{ name: 'm', inference_stats: { success: { count: 3, ns: 2 ** 52 } } }] };
    expect(decodeMessage(modelStatisticsResponse, encodeMessage(modelStatisticsResponse, statistics))).toEqual(statistics);
    const load = { model_name: 'm', parameters: { a: { string: 't' }, __proto__x: { int64: -1 } } };
    expect(decodeMessage(repositoryModelRequest, encodeMessage(repositoryModelRequest, load))).toEqual(load);
  });
  it('leave out what is at its default', () => { expect(encodeMessage(modelMetadata, { name: '', versions: [] })).toHaveLength(0); });
});

describe('ModelInfer', () => {
  it('reads raw and typed tensors, and where the raw ones begin', () => {
    const raw = requestBytes({ raw: floats });
    const { name, version, rawAt } = peekRequest(raw);
    expect([name, version, raw.subarray(rawAt, rawAt + 8)]).toEqual(['m', '3', floats]);
    const expected = [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: new Float32Array([1.5, -2]) }];
    expect(readGrpcRequest(raw)).toEqual({ id: 'id', parameters: { binary_data_output: true }, inputs: expected, outputs: [] });
    expect(readGrpcRequest(requestBytes({ contents: packed }))).toEqual({ id: 'id', parameters: {}, inputs: expected, outputs: [] });
    const single = new BinaryWriter().tag(6, WireType.Bit32).float(1.5).tag(6, WireType.Bit32).float(-2).finish();
    expect(readGrpcRequest(requestBytes({ contents: single })).inputs).toEqual(expected);
  });
  it('tells how urgent it is before anything else is read', () => {
    const parameter = (name: string, value: number) => new BinaryWriter().tag(4, WireType.LengthDelimited).fork().tag(1, WireType.LengthDelimited).string(name).tag(2, WireType.LengthDelimited).fork().tag(2, WireType.Varint).int64(value).join().join().finish();
    const request = requestBytes({ raw: floats });
    expect(peekGrpcSchedule(Buffer.concat([request, parameter('timeout', 2500), parameter('priority', 1)]))).toEqual({ priority: 1, timeoutUs: 2500 });
    expect(peekGrpcSchedule(request)).toEqual({ priority: 5, timeoutUs: 0 });
    expect(refusal(() => peekGrpcSchedule(Buffer.concat([request, parameter('priority', -1)])))).toBe('BAD_INPUT');
  });
  it.each([['a mix of both', { raw: floats, contents: packed }], ['too short raw data', { raw: floats.subarray(4) }], ['no data', {}], ['contents of another type', { contents: new BinaryWriter().tag(2, WireType.Varint).int32(1).finish() }], ['too many values', { contents: new BinaryWriter().tag(6, WireType.LengthDelimited).bytes(new Uint8Array(12)).finish() }]])('refuses %s', (_what, parts) => {
    expect(refusal(() => readGrpcRequest(requestBytes(parts)))).toBe('BAD_INPUT');
  });
  it('says no more than a sentence on any bytes', () => {
    const good = requestBytes({ raw: floats });
    for (let length = 1; length < good.length; length++) expect(refusal(() => readGrpcRequest(good.subarray(0, length)))).toMatch(/^(accepted|BAD_INPUT)$/);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => { for (const read of [readGrpcRequest, peekRequest, peekGrpcSchedule]) expect(refusal(() => read(bytes))).toMatch(/^(accepted|BAD_INPUT)$/); }), { numRuns: 3000 });
    fc.assert(fc.property(fc.nat(good.length - 1), fc.nat(255), (at, byte) => { const damaged = good.slice(); damaged[at] = byte; expect(refusal(() => readGrpcRequest(damaged))).toMatch(/^(accepted|BAD_INPUT)$/); }), { numRuns: 2000 });
  });
  it('answers raw where the request was raw, and typed where it was typed', () => {
    const output = { name: 'y', datatype: 'INT64', shape: [1, 2], data: BigInt64Array.of(-1n, 2n ** 62n) } as const;
    const request = { id: 'id', inputs: [], outputs: [] };
    const model = { name: 'm', version: '3', labels: [] };
    const typed = Buffer.from(writeGrpcResponse([output], { ...request, parameters: {} }, model).body).toString('hex');
    const raw = Buffer.from(writeGrpcResponse([output], { ...request, parameters: { binary_data_output: true } }, model).body).toString('hex');
    const rawTensor = '3210ffffffffffffffff0000000000000040';
    expect([typed.includes(rawTensor), raw.endsWith(rawTensor), typed.includes('ffffffffffffffffff01808080808080808040')]).toEqual([false, true, true]);
  });
});
