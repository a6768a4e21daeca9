// A half-precision model widened to float32: the same interface, the same weights, the same answers but for the rounding between its operators.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { encodeModel } from '#core/onnx/encodeModel';
import { create } from '@bufbuild/protobuf';
import { intAttribute } from '#core/onnx/graph/attributes';
import { FunctionProtoSchema, type ModelProto } from '#core/onnx/schema/onnx_pb';
import { info, node, noise, tinyGraph, tinyModel } from '#test/fakes/tinyModel';
import { toFloat16Bits } from '../numerics/float16.ts';
import { cloneModel } from './cloneModel.ts';
import { halvesToFloats, hasHalves } from './halvesToFloats.ts';
import { dataTypes, tensorOver } from './protos.ts';

const half = (name: string, dims: readonly number[], seed: number) => tensorOver(name, dataTypes.float16, dims, Uint16Array.from(noise(dims.reduce((a, b) => a * b, 1), seed), toFloat16Bits));
const typesOf = (model: ModelProto): number[] => [...model.graph!.input, ...model.graph!.output].map(({ type }) => (type?.value.case === 'tensorType' ? type.value.value.elemType : 0));

function halfModel(): ModelProto {
  const model = tinyModel({
    outputs: {}, weights: [half('w', [8, 16], 1), tensorOver('yes', dataTypes.bool, [], Uint8Array.of(1))],
    nodes: [
      node('MatMul', ['x', 'w'], ['h']), node('Constant', [], ['k'], { value: half('', [1], 2) }), node('Mul', ['h', 'k'], ['m']),
      node('If', ['yes'], ['y'], { then_branch: tinyGraph({ outputs: {}, nodes: [node('Relu', ['m'], ['a'])] }), else_branch: tinyGraph({ outputs: {}, nodes: [node('Identity', ['m'], ['b'])] }) }),
      node('Cast', ['y'], ['c'], { to: { int: dataTypes.float16 } }), node('Identity', ['x'], ['same']),
    ],
  });
  model.graph!.input = [info('x', [2, 8], dataTypes.float16)];
  model.graph!.output = ['y', 'c', 'h', 'same'].map((name) => info(name, name === 'same' ? [2, 8] : [2, 16], dataTypes.float16));
  const branches = model.graph!.node[3]!.attribute.map(({ g }) => g!);
  branches[0]!.output = [info('a', [2, 16], dataTypes.float16)];
  branches[1]!.output = [info('b', [2, 16], dataTypes.float16)];
  return model;
}

const root = mkdtempSync(join(tmpdir(), 'millwright-halves-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function answers(model: ModelProto, name: string): Promise<Record<string, Uint16Array>> {
  process.env.ORT_DISABLE_TELEMETRY = '1';
  const { InferenceSession, Tensor } = await import('onnxruntime-node');
  const path = join(root, `${name}.onnx`);
  writeFileSync(path, encodeModel(model));
  const session = await InferenceSession.create(path);
  const results = await session.run({ x: new Tensor('float16', Uint16Array.from(noise(16, 3), toFloat16Bits), [2, 8]) });
  await session.release();
  return Object.fromEntries(Object.entries(results).map(([key, { data }]) => [key, Uint16Array.from(data as Uint16Array)]));
}

it('widens the constants and casts of the model\'s own functions too', () => {
  const model = halfModel();
  const own = create(FunctionProtoSchema, { name: 'Scaled', domain: 'own', input: ['a'], output: ['c'], node: [node('Constant', [], ['k'], { value: half('', [1], 4) }), node('Mul', ['a', 'k'], ['b']), node('Cast', ['b'], ['c'], { to: { int: dataTypes.float16 } })] });
  model.graph!.initializer = [];
  model.graph!.node = [node('Scaled', ['x'], ['y'])];
  model.functions = [own];
  const wide = cloneModel(model);
  expect(hasHalves(wide.graph!, wide.functions)).toBe(true);
  expect(halvesToFloats(wide.graph!, wide.functions)).toBe(1);
  expect(hasHalves(wide.graph!, wide.functions)).toBe(false);
  expect(intAttribute(wide.functions[0]!.node[2]!, 'to', 0)).toBe(dataTypes.float);
  expect(hasHalves(model.graph!, model.functions)).toBe(true); // the source stays as it is
});

it('keeps the types of inputs and outputs, and answers the same to a step of half precision', async () => {
  const source = halfModel();
  const wide = cloneModel(source);
  expect(hasHalves(source.graph!)).toBe(true);
  expect(halvesToFloats(wide.graph!)).toBe(2);
  expect(hasHalves(wide.graph!)).toBe(false);
  expect(typesOf(wide)).toEqual(typesOf(source));
  const [before, after] = [await answers(source, 'half'), await answers(wide, 'wide')];
  expect(Object.keys(after).sort()).toEqual(['c', 'h', 'same', 'y']);
  for (const [name, bits] of Object.entries(before)) bits.forEach((x, i) => expect(Math.abs(x - after[name]![i]!)).toBeLessThanOrEqual(2)); // neighbours in half precision are neighbours as integers
});
