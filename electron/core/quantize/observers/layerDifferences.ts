// One model that holds a float model and its candidate side by side and answers, for each pair of tensors, the sums of squares that its SQNR needs:
// two scalars leave the runtime where whole activations of both models would.
import { makeNode } from '../../onnx/graph/attributes.ts';
import { subgraphsOf } from '../../onnx/graph/subgraphs.ts';
import { SparseTensorProtoSchema, TensorProtoSchema, ValueInfoProtoSchema, type GraphProto, type ModelProto, type NodeProto } from '../../onnx/schema/onnx_pb.ts';
import { cloneModel } from '../graph/cloneModel.ts';
import { copyMessage, dataTypes, tensorOver } from '../graph/protos.ts';
import type { Range } from '../static/StaticOptions.ts';
import { exposeTensors, outputInfo } from './exposeTensors.ts';

export interface LayerPair { /** rangeKey of the float model's tensor. */ readonly key: string; /** rangeKey of the tensor that carries it in the candidate. */ readonly twin: string; /** What its integers cover: then values outside are counted. */ readonly range?: Range }

export interface LayerDifferences {
  readonly model: ModelProto;
  /** By the key of the pair: outputs with the sum of squares of the float tensor, and of the difference. A pair that cannot be reached is missing. */
  readonly outputs: ReadonlyMap<string, LayerOutputs>;
}

export interface LayerOutputs { readonly signal: string; readonly noise: string; readonly spread?: { readonly clipped: string; readonly count: string; readonly min: string; readonly max: string } }

/** Both models must have the same inputs and the same standard opset: one was made from the other. */
export function layerDifferences(float: ModelProto, candidate: ModelProto, pairs: readonly LayerPair[]): LayerDifferences {
  const a = exposeTensors(float, pairs.map(({ key }) => key), 'values');
  const b = exposeTensors(candidate, pairs.map(({ twin }) => twin), 'values');
  const model = a.model;
  const graph = model.graph!;
  const inputs = new Set(graph.input.map(({ name }) => name));
  const rename = (name: string): string => (name === '' || inputs.has(name) ? name : `candidate/${name}`);
  const other = cloneModel(b.model).graph!;
  renameAll(other, rename);
  graph.node.push(...other.node);
  graph.initializer.push(...other.initializer);
  graph.sparseInitializer = [...graph.sparseInitializer, ...other.sparseInitializer]; // a list that copies share
  for (const opset of b.model.opsetImport) if (!model.opsetImport.some(({ domain }) => domain === opset.domain)) model.opsetImport.push(opset);
  const outputs = new Map<string, LayerOutputs>();
  const sums: NodeProto[][] = [];
  pairs.forEach(({ key, twin, range }, i) => {
    const [x, y] = [a.outputs.get(key)?.min, b.outputs.get(twin)?.min];
    if (x === undefined || y === undefined) return;
    const [difference, signal, noise] = [`mw_${i}_difference`, `mw_${i}_signal`, `mw_${i}_noise`];
    // keepdims stays 1, as in exposeTensors: a branch that was not taken answers an empty tensor
    sums.push([makeNode('Sub', [x, rename(y)], [difference], { name: difference }), makeNode('ReduceSumSquare', [x], [signal], { name: signal }), makeNode('ReduceSumSquare', [difference], [noise], { name: noise })]);
    if (range === undefined) { outputs.set(key, { signal, noise }); return; }
    const name = (what: string) => `mw_${i}_${what}`;
    graph.initializer.push(tensorOver(name('low'), dataTypes.float, [], Float32Array.of(range.low)), tensorOver(name('high'), dataTypes.float, [], Float32Array.of(range.high)));
    const step = (opType: string, inputs: readonly string[], what: string, attributes: NonNullable<Parameters<typeof makeNode>[3]>['attributes'] = {}) => makeNode(opType, inputs, [name(what)], { name: name(what), attributes });
    sums.push([
      step('Less', [x, name('low')], 'below'), step('Greater', [x, name('high')], 'above'), step('Or', [name('below'), name('above')], 'outside'),
      step('Cast', [name('outside')], 'flags', { to: { int: dataTypes.float } }), step('ReduceSumSquare', [name('flags')], 'clipped'),
      step('Size', [x], 'size'), step('Cast', [name('size')], 'count', { to: { int: dataTypes.float } }), step('ReduceMin', [x], 'min'), step('ReduceMax', [x], 'max'),
    ]);
    outputs.set(key, { signal, noise, spread: { clipped: name('clipped'), count: name('count'), min: name('min'), max: name('max') } });
  });
  // Last first, so that the runtime sums each tensor up as soon as it is there: see exposeTensors.
  graph.node.push(...sums.reverse().flat());
  graph.output = [...outputs.values()].flatMap(({ signal, noise, spread }) => [signal, noise, ...Object.values(spread ?? {})].map((name) => outputInfo(name, dataTypes.float)));
  return { model, outputs };
}

/** Every value of the graph and of those within it; weights are shared, not copied. */
function renameAll(graph: GraphProto, rename: (name: string) => string): void {
  for (const node of graph.node) {
    node.name = rename(node.name);
    node.input = node.input.map(rename);
    node.output = node.output.map(rename);
    for (const { graph: inner } of subgraphsOf(node)) renameAll(inner, rename);
  }
  graph.initializer = graph.initializer.map((tensor) => copyMessage(TensorProtoSchema, tensor, { name: rename(tensor.name) }));
  graph.sparseInitializer = graph.sparseInitializer.map((sparse) => (sparse.values ? copyMessage(SparseTensorProtoSchema, sparse, { values: copyMessage(TensorProtoSchema, sparse.values, { name: rename(sparse.values.name) }) }) : sparse));
  graph.input = graph.input.map((value) => copyMessage(ValueInfoProtoSchema, value, { name: rename(value.name) }));
  graph.output = graph.output.map((value) => copyMessage(ValueInfoProtoSchema, value, { name: rename(value.name) }));
  graph.valueInfo = [];
}
