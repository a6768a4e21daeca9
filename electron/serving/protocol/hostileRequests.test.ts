// Small requests that ask for much, numbers that a double does not hold, and answers that fit no row.
import { describe, expect, it } from 'vitest';
import type { ModelSignature } from './InferRequest.ts';
import { classify } from './classify.ts';
import { readInferRequest } from './readInferRequest.ts';
import { readPredictRequest } from './readPredictRequest.ts';
import { writePredictions } from './writePredictions.ts';

const signature: ModelSignature = { inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }], outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 2] }] };
const identity = { name: 'net', version: '1', labels: [] };
const read = (text: string, tail = Buffer.alloc(0)) => readInferRequest(Buffer.concat([Buffer.from(text), tail]), Buffer.byteLength(text), signature);
const withInput = (more: string) => `{${more}"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}]}`;

describe('a small request that asks for much', () => {
  it('as elements of BYTES is refused before one is made', () => {
    const count = 300_000;
    const text = `{"inputs":[{"name":"x","shape":[${count}],"datatype":"BYTES","parameters":{"binary_data_size":${count * 4}}}]}`;
    expect(() => read(text, Buffer.alloc(count * 4))).toThrowError(/300000 elements of BYTES, and this server takes up to 262144/);
    expect(() => read(`{"inputs":[{"name":"x","shape":[${count}],"datatype":"BYTES","data":[${'"",'.repeat(count - 1)}""]}]}`)).toThrowError(/elements of BYTES/);
  });
  it('as a large value that is no tensor is refused', () => {
    expect(() => read(withInput(`"more":[${'[],'.repeat(400_000)}[]],`))).toThrowError(/The value at byte 8 of the request has \d+ bytes/);
  });
});

it('keeps whole numbers of parameters exact beyond 2^53, and all others as they were', () => {
  const { parameters } = read(withInput('"parameters":{"sequence_id":9007199254740993,"small":12,"minus":-9223372036854775808,"real":12345678901.5,"power":12345678901234567e3},'));
  expect(parameters).toEqual({ sequence_id: 9007199254740993n, small: 12, minus: -9223372036854775808n, real: 12345678901.5, power: Number('12345678901234567e3') });
  expect(() => read(withInput('"parameters":{"a":012345678901234567},'))).toThrowError(/not valid/);
});

it('sorts half-precision values by what they are, and puts NaN last', () => {
  const ranked = (datatype: 'FP16' | 'BF16' | 'FP32', data: Uint16Array | Float32Array) => classify({ name: 'y', datatype, shape: [1, data.length], data }, data.length, { ...identity, labels: ['a', 'b'] }).data;
  expect(ranked('FP16', Uint16Array.of(0x3c00, 0xc000, 0x3800))).toEqual(['1.000000:0:a', '0.500000:2', '-2.000000:1:b']);
  expect(ranked('BF16', Uint16Array.of(0xbf80, 0x3f80))).toEqual(['1.000000:1:b', '-1.000000:0:a']);
  expect(ranked('FP32', Float32Array.of(1, Number.NaN, 3, 7))).toEqual(['7.000000:3', '3.000000:2', '1.000000:0:a', 'NaN:1:b']);
});

describe('predict', () => {
  const request = readPredictRequest(Buffer.from('{"instances":[[1,2],[3,4]]}'), signature);
  const output = (rows: number) => [{ name: 'y', datatype: 'FP32' as const, shape: [rows, 1], data: Float32Array.from({ length: rows }, (_, index) => index) }];
  it('answers a row for each instance', () => {
    expect(Buffer.from(writePredictions(output(2), request, identity).body).toString()).toBe('{"predictions":[[0],[1]]}');
  });
  it('refuses an answer of more or fewer rows than instances', () => {
    for (const rows of [1, 3]) expect(() => writePredictions(output(rows), request, identity)).toThrowError(`Output "y" has ${rows} rows for 2 instances; send the request with "inputs" instead of "instances".`);
  });
  it('takes base64 of several megabytes, for it is one text', () => {
    const image = readPredictRequest(Buffer.from(`{"instances":[{"b64":"${'A'.repeat(4_000_000)}"}]}`), signature);
    expect(image.inputs[0]?.data[0]).toHaveLength(3_000_000);
  });
});
