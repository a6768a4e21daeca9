// Weights in files beside the model, wherever in the model they are named.
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { afterAll, expect, it } from 'vitest';
import { encodeModel } from '#core/onnx/encodeModel';
import { FunctionProtoSchema, OperatorSetIdProtoSchema, StringStringEntryProtoSchema, TensorProto_DataLocation, type TensorProto } from '#core/onnx/schema/onnx_pb';
import { labHere } from '#test/fakes/labHere';
import { node, noise, tinyModel, weight } from '#test/fakes/tinyModel';

const workDir = mkdtempSync(join(tmpdir(), 'millwright-prepare-'));
afterAll(() => rmSync(workDir, { recursive: true, force: true }));

it('tells why the opset could not be raised as a warning: the recipe may do without', async () => {
  const model = tinyModel({ inputs: { x: [1, 4] }, outputs: { y: [1, 4] }, nodes: [node('Own', ['x'], ['y'])] }, 10);
  const relu = create(FunctionProtoSchema, { name: 'Own', domain: 'own', input: ['a'], output: ['b'], node: [node('Relu', ['a'], ['b'])], opsetImport: [create(OperatorSetIdProtoSchema, { domain: '', version: 10n })] });
  model.graph!.node[0]!.domain = 'own';
  model.opsetImport.push(create(OperatorSetIdProtoSchema, { domain: 'own', version: 1n }));
  model.functions = [relu];
  const path = join(workDir, 'old.onnx');
  writeFileSync(path, encodeModel(model));
  const { findings, opset } = await labHere.call('quantize.prepare', { path, workDir, threads: 1, parity: true, run: false, opset: 13, exclude: [] });
  expect(opset).toBe(10);
  expect(findings).toMatchObject([{ id: 'OPSET_FUNCTIONS', severity: 'warning' }]);
});

it('reads those of Constant nodes, and counts a place that two tensors share once', async () => {
  const values = noise(1024, 1);
  writeFileSync(join(workDir, 'w.bin'), values);
  const outside = (tensor: TensorProto): TensorProto => Object.assign(tensor, { rawData: new Uint8Array(), floatData: [], dataLocation: TensorProto_DataLocation.EXTERNAL, externalData: [create(StringStringEntryProtoSchema, { key: 'location', value: 'w.bin' })] });
  const model = tinyModel({
    inputs: { x: [1, 32] }, outputs: { y: [1, 32] }, weights: [outside(weight('w', [32, 32], values))],
    nodes: [node('Constant', [], ['v'], { value: outside(weight('', [32, 32], values)) }), node('MatMul', ['x', 'w'], ['h']), node('MatMul', ['h', 'v'], ['y'])],
  });
  const path = join(workDir, 'model.onnx');
  writeFileSync(path, encodeModel(model));
  const prepared = await labHere.call('quantize.prepare', { path, workDir, threads: 1, parity: false, run: true, opset: 13, exclude: [] });
  expect(prepared).toMatchObject({ floatWeightBytes: 8192, inputBytes: statSync(path).size + 4096 });
});
