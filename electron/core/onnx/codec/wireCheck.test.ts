// The bound on memory lets real models through, of whatever size, and stops files that are made to fill it.
import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { encodeModel } from '../encodeModel.ts';
import { makeNode } from '../graph/attributes.ts';
import { GraphProtoSchema, ModelProtoSchema, OperatorSetIdProtoSchema, type NodeProto } from '../schema/onnx_pb.ts';
import { valueInfo } from '../types/ValueType.ts';
import { messageFormOf } from './messageTable.ts';
import { heapLimitBytes, WireFault, wireCheck } from './wireCheck.ts';

const form = messageFormOf(ModelProtoSchema);
const encoded = (nodes: readonly NodeProto[]) => encodeModel(create(ModelProtoSchema, { irVersion: 8n, opsetImport: [create(OperatorSetIdProtoSchema, { domain: 'ai.onnx.ml', version: 1n })], graph: create(GraphProtoSchema, { name: 'g', node: [...nodes], output: [valueInfo('y', 1, null)] }) }));

/** What a random forest of so many nodes stores, in the lists that skl2onnx writes. */
function forest(count: number): NodeProto {
  const each = (at: (i: number) => number) => Array.from({ length: count }, (_, i) => at(i));
  const ints = (at: (i: number) => number) => ({ ints: each(at) });
  return makeNode('TreeEnsembleClassifier', ['x'], ['label', 'scores'], {
    domain: 'ai.onnx.ml',
    attributes: {
      nodes_nodeids: ints((i) => i % 3000), nodes_treeids: ints((i) => Math.floor(i / 3000)), nodes_featureids: ints((i) => i % 10), nodes_truenodeids: ints((i) => (i + 1) % 3000), nodes_falsenodeids: ints((i) => (i + 2) % 3000), nodes_missing_value_tracks_true: ints(() => 0),
      nodes_modes: Array.from({ length: count }, (_, i) => (i % 2 ? 'BRANCH_LEQ' : 'LEAF')), nodes_values: { floats: each((i) => i / 7) }, nodes_hitrates: { floats: each(() => 1) },
      class_ids: ints((i) => i % 3), class_nodeids: ints((i) => i % 3000), class_treeids: ints((i) => Math.floor(i / 3000)), class_weights: { floats: each((i) => 1 / (i + 1)) },
    },
  });
}

describe('the memory that a file may take', () => {
  it('grows with the file faster than the costliest real models do, so that a forest of any size passes', () => {
    const [small, large] = [encoded([forest(20_000)]), encoded([forest(40_000)])];
    const perByte = (wireCheck(large, form).heapBytes - wireCheck(small, form).heapBytes) / (large.length - small.length);
    expect(perByte).toBeGreaterThan(8); // it is a costly one indeed
    expect(perByte).toBeLessThan((heapLimitBytes(100_000_000) - heapLimitBytes(50_000_000)) / 50_000_000);
  });

  it('leaves room for a graph of a hundred thousand nodes', () => {
    expect(() => wireCheck(encoded(Array.from({ length: 100_000 }, (_, i) => makeNode('Relu', [`value_${i}`], [`value_${i + 1}`], { name: `relu_${i}` }))), form)).not.toThrow();
  });

  it('ends a file of empty parts before they are made', () => {
    const parts = new Uint8Array(2_000_000);
    for (let i = 0; i < parts.length; i += 2) parts[i] = 0x0a; // GraphProto.node, of length 0
    const length = [0x80 | (parts.length & 0x7f), 0x80 | ((parts.length >> 7) & 0x7f), (parts.length >> 14) & 0x7f];
    expect(() => wireCheck(Uint8Array.from([0x3a, ...length, ...parts]), form)).toThrow(WireFault);
  });
});
