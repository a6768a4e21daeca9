// Two models side by side in one: what each holds comes along, and the models themselves stay as they are.
import { create } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { outerReadsOf } from '#core/onnx/graph/subgraphs';
import { SparseTensorProtoSchema } from '#core/onnx/schema/onnx_pb';
import { node, noise, tinyModel, weight } from '#test/fakes/tinyModel';
import { dataTypes, tensorOver } from '../graph/protos.ts';
import { rangeKey } from '../static/StaticOptions.ts';
import { layerDifferences } from './layerDifferences.ts';

it('takes weights along that are stored sparse', () => {
  const model = tinyModel({ inputs: { x: [1, 4] }, outputs: { y: [1, 4] }, weights: [weight('w', [4, 4], noise(16, 1))], nodes: [node('MatMul', ['x', 'w'], ['h']), node('MatMul', ['h', 'sw'], ['y'])] });
  model.graph!.sparseInitializer.push(create(SparseTensorProtoSchema, { dims: [4n, 4n], values: weight('sw', [2], [1, 2]), indices: tensorOver('at', dataTypes.int64, [2], BigInt64Array.of(3n, 7n)) }));
  const { model: both } = layerDifferences(model, model, [{ key: rangeKey('', 'h'), twin: rangeKey('', 'h') }]);
  expect([...outerReadsOf(both.graph!)]).toEqual([]);
  expect(both.graph!.sparseInitializer.map(({ values }) => values?.name)).toEqual(['sw', 'candidate/sw']);
  expect(model.graph!.sparseInitializer.map(({ values }) => values?.name)).toEqual(['sw']);
});
