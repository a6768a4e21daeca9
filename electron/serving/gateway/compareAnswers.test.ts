// What counts as another answer, and as another decision.
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { encodeFloat16 } from '#core/preprocess/fitTensor';
import { compareAnswers, type Answer } from './compareAnswers.ts';

const say = (data: readonly number[], shape: readonly number[] = [data.length / 2, 2], version = '1'): Answer => ({ status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify({ model_name: 'm', model_version: version, outputs: [{ name: 'y', datatype: 'FP32', shape, data }] })) });
const zipped = (answer: Answer): Answer => ({ ...answer, headers: { ...answer.headers, 'content-encoding': 'gzip' }, body: gzipSync(answer.body) });
const binary = (datatype: string, bytes: Uint8Array, shape: readonly number[]): Answer => {
  const head = JSON.stringify({ outputs: [{ name: 'y', datatype, shape, parameters: { binary_data_size: bytes.length } }] });
  return { status: 200, headers: { 'content-type': 'application/octet-stream', 'inference-header-content-length': String(head.length) }, body: Buffer.concat([Buffer.from(head), bytes]) };
};

it('sees a changed decision in any sample of a batch', () => { expect(compareAnswers(say([0.9, 0.1, 0.6, 0.4]), say([0.9, 0.1, 0.4, 0.6]), 1e-3)).toEqual({ reason: 'answer.outputs[0].data[1][0] is 0.6 against 0.4', decisionChanged: true }); });
it('sees no changed decision where each sample decides as before', () => { expect(compareAnswers(say([0.905, 0.095, 0.9, 0.1]), say([0.9, 0.1, 0.905, 0.095]), 1e-3)).toMatchObject({ decisionChanged: false }); });
it('takes one row of scores, with and without a first axis, for one decision', () => {
  for (const shape of [[4], [1, 4]]) expect(compareAnswers(say([0.1, 0.2, 0.3, 0.4], shape), say([0.1, 0.2, 0.5, 0.4], shape), 1e-3)).toEqual({ reason: 'answer.outputs[0].data[2] is 0.3 against 0.5', decisionChanged: true });
});
it('compares compressed answers by their numbers, and with plain ones', () => {
  expect(compareAnswers(zipped(say([0.9, 0.1])), zipped(say([0.9, 0.1], [1, 2], '2')), 1e-3)).toEqual({ reason: null, decisionChanged: false });
  expect(compareAnswers(zipped(say([0.9, 0.1])), say([0.1, 0.9], [1, 2], '2'), 1e-3)).toMatchObject({ decisionChanged: true });
});
it('compares half-precision numbers within the tolerance', () => {
  const half = (values: readonly number[]) => binary('FP16', new Uint8Array(encodeFloat16(Float32Array.from(values)).buffer), [values.length]);
  expect(compareAnswers(half([0.5, 0.25]), half([0.5005, 0.25]), 1e-3)).toEqual({ reason: null, decisionChanged: false });
  expect(compareAnswers(half([0.5, 0.25]), half([0.2, 0.25]), 1e-3)).toMatchObject({ decisionChanged: true });
  const brain = (values: readonly number[]) => binary('BF16', new Uint8Array(Uint16Array.from(new Uint32Array(Float32Array.from(values).buffer), (bits) => bits >>> 16).buffer), [values.length]);
  expect(compareAnswers(brain([1, 2]), brain([1.0001, 2]), 1e-2)).toEqual({ reason: null, decisionChanged: false });
});
it('compares what cannot be decompressed by its bytes', () => {
  const broken = { ...say([1, 2]), headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' } };
  expect([compareAnswers(broken, broken, 1e-3).reason, compareAnswers(broken, say([1, 3]), 1e-3).reason]).toEqual([null, 'the bytes differ']);
});
