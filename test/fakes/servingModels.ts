// Small models for the serving tests, written by our own encoder: one identity for each datatype, a layer, and one that takes its time.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { encodeModel } from '#core/onnx/encodeModel';
import { ModelProtoSchema } from '#core/onnx/schema/onnx_pb';

/** Datatypes of the protocol with the numbers that ONNX gives their element types. */
export const onnxElementTypes = { FP32: 1, UINT8: 2, INT8: 3, UINT16: 4, INT16: 5, INT32: 6, INT64: 7, BYTES: 8, BOOL: 9, FP16: 10, FP64: 11, UINT32: 12, UINT64: 13 } as const;

type Dim = number | string;
const value = (name: string, elemType: number, shape: readonly Dim[]) => ({
  name, type: { value: { case: 'tensorType' as const, value: { elemType, shape: { dim: shape.map((size) => ({ value: typeof size === 'number' ? { case: 'dimValue' as const, value: BigInt(size) } : { case: 'dimParam' as const, value: size } })) } } } },
});
const node = (opType: string, input: string[], output: string[]) => ({ opType, input, output, name: output[0] ?? '' });

interface ModelParts { readonly nodes: ReturnType<typeof node>[]; readonly inputs: ReturnType<typeof value>[]; readonly outputs: ReturnType<typeof value>[]; readonly weights?: { readonly name: string; readonly dims: readonly number[]; readonly data: Float32Array }[] }
const model = ({ nodes, inputs, outputs, weights = [] }: ModelParts): Uint8Array => encodeModel(create(ModelProtoSchema, {
  irVersion: 8n, opsetImport: [{ domain: '', version: 17n }], producerName: 'test',
  graph: { name: 'graph', node: nodes, input: inputs, output: outputs, initializer: weights.map(({ name, dims, data }) => ({ name, dims: dims.map(BigInt), dataType: 1, rawData: new Uint8Array(data.buffer) })) },
}));

export const identityModel = (elemType: number): Uint8Array => model({ nodes: [node('Identity', ['x'], ['y'])], inputs: [value('x', elemType, ['a', 'b'])], outputs: [value('y', elemType, ['a', 'b'])] });

/** y = x W with W[i][j] = i + j * offset; the first dimension is free. */
export function layerModel(offset = 1, width = 4, classes = 3): Uint8Array {
  const data = Float32Array.from({ length: width * classes }, (_, index) => Math.floor(index / classes) + (index % classes) * offset);
  return model({ nodes: [node('MatMul', ['x', 'w'], ['y'])], inputs: [value('x', 1, ['batch', width])], outputs: [value('y', 1, ['batch', classes])], weights: [{ name: 'w', dims: [width, classes], data }] });
}

/** Multiplies a square matrix with itself `times` over: a few seconds for 1500 x 1500. */
export function slowModel(times = 10): Uint8Array {
  const nodes = Array.from({ length: times }, (_, index) => node('MatMul', [index === 0 ? 'x' : `m${index - 1}`, 'x'], [`m${index}`]));
  return model({ nodes: [...nodes, node('ReduceMean', [`m${times - 1}`], ['y'])], inputs: [value('x', 1, ['n', 'n'])], outputs: [value('y', 1, [1, 1])] });
}

/** An image classifier of 8 x 8 colour images: the mean of each channel. */
export const imageModel = (): Uint8Array => model({ nodes: [node('GlobalAveragePool', ['image'], ['pooled']), node('Flatten', ['pooled'], ['means'])], inputs: [value('image', 1, ['batch', 3, 8, 8])], outputs: [value('means', 1, ['batch', 3])] });

/** A running sum: y and the next state are x + state. */
export const sumModel = (): Uint8Array => model({ nodes: [node('Add', ['x', 'state'], ['y']), node('Identity', ['y'], ['next'])], inputs: [value('x', 1, ['n', 1]), value('state', 1, ['n', 1])], outputs: [value('y', 1, ['n', 1]), value('next', 1, ['n', 1])] });

/** Puts a model where the runtime looks for it. */
export function placeModel(repository: string, name: string, bytes: Uint8Array, { version = 1, settings }: { readonly version?: number; readonly settings?: unknown } = {}): void {
  mkdirSync(join(repository, name, String(version)), { recursive: true });
  writeFileSync(join(repository, name, String(version), 'model.onnx'), bytes);
  if (settings !== undefined) writeFileSync(join(repository, name, 'millwright.json'), JSON.stringify(settings));
}
