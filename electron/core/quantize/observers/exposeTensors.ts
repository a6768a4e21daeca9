// A copy of a model that also answers inner tensors, or their smallest and largest values: what calibration runs.
import { create } from '@bufbuild/protobuf';
import { intsAttribute, makeNode, setAttribute } from '../../onnx/graph/attributes.ts';
import { subgraphsOf } from '../../onnx/graph/subgraphs.ts';
import { TypeProtoSchema, TypeProto_TensorSchema, ValueInfoProtoSchema, type GraphProto, type ModelProto, type NodeProto, type ValueInfoProto } from '../../onnx/schema/onnx_pb.ts';
import { cloneModel } from '../graph/cloneModel.ts';
import { inferElementTypes, type ElementTypes } from '../graph/elementTypes.ts';
import { dataTypes, tensorOver } from '../graph/protos.ts';
import { rangeKey, scopeOfKey, tensorOfKey } from '../static/StaticOptions.ts';
import { nameNodes } from '../static/walkScopes.ts';

/** values: the tensors themselves · extremes: only min, max and number of values, so that nothing large leaves the runtime. */
export type Exposure = 'values' | 'extremes';

export interface ExposedOutputs { readonly min: string; readonly max: string; /** Of extremes outside of branches and bodies: how many values, int64. */ readonly size: string | null }

export interface ExposedModel {
  readonly model: ModelProto;
  /** For each key asked for: the outputs to read; `max` equals `min` for values. A key that could not be exposed is missing. */
  readonly outputs: ReadonlyMap<string, ExposedOutputs>;
}

export function outputInfo(name: string, elemType: number): ValueInfoProto {
  return create(ValueInfoProtoSchema, { name, type: create(TypeProtoSchema, { value: { case: 'tensorType', value: create(TypeProto_TensorSchema, { elemType }) } }) });
}

const sequenceMakers = new Set(['SplitToSequence', 'SequenceConstruct', 'SequenceInsert', 'SequenceErase', 'SequenceMap']);

interface Lifted extends ExposedOutputs { readonly key: string }
interface Inner { readonly graph: GraphProto; readonly found: readonly Lifted[] }

/**
 * @param keys `rangeKey`s: scope path and tensor name
 * Tensors inside the branches of an If come out as further outputs of the If; the branch that was not taken answers empty tensors for them.
 * Those of Loop and Scan bodies come out flat, the values of all runs after one another: empty where there was none.
 */
export function exposeTensors(source: ModelProto, keys: readonly string[], exposure: Exposure): ExposedModel {
  const model = cloneModel(source);
  nameNodes(model.graph!);
  const wanted = new Map<string, string[]>();
  for (const key of keys) {
    const [path, name] = [scopeOfKey(key), tensorOfKey(key)];
    const list = wanted.get(path);
    if (list) list.push(name); else wanted.set(path, [name]);
  }
  let counter = 0;
  const visit = (graph: GraphProto, path: string, outer: ElementTypes): Lifted[] => {
    const types = inferElementTypes(graph, outer);
    const lifted: Lifted[] = [];
    for (const node of graph.node) {
      const inside = subgraphsOf(node).map(({ attribute, graph: inner }): Inner => ({ graph: inner, found: visit(inner, `${path}${node.name}/${attribute}/`, types) }));
      if (inside.every(({ found }) => found.length === 0)) continue;
      if (node.opType === 'If') lifted.push(...liftFromBranches(node, inside));
      else if (node.opType === 'Loop') lifted.push(...liftFromLoop(graph, node, inside[0]!));
      else if (node.opType === 'Scan') lifted.push(...liftFromScan(node, inside[0]!));
    }
    // Of a sequence no single tensor comes out.
    const sequences = new Set(graph.node.flatMap((node) => (sequenceMakers.has(node.opType) ? node.output : [])));
    // Last first: the runtime walks back from the last end of the graph, so each tensor is reduced, and its memory freed, as soon as it is made.
    for (const name of [...wanted.get(path) ?? []].reverse()) {
      const key = rangeKey(path, name);
      const type = types.get(name);
      if ((type !== dataTypes.float && type !== dataTypes.float16) || sequences.has(name)) continue;
      const id = counter++;
      let from = name;
      if (type === dataTypes.float16) {
        from = `mw_${id}_float`;
        graph.node.push(makeNode('Cast', [name], [from], { name: from, attributes: { to: { int: dataTypes.float } } }));
      }
      if (exposure === 'values') {
        const output = `mw_${id}_value`;
        graph.node.push(makeNode('Identity', [from], [output], { name: output }));
        lifted.push({ key, min: output, max: output, size: null });
      } else {
        const min = `mw_${id}_min`;
        const max = `mw_${id}_max`;
        // keepdims stays 1: the runtime cannot reduce an empty tensor to a scalar
        graph.node.push(makeNode('ReduceMin', [from], [min], { name: min }), makeNode('ReduceMax', [from], [max], { name: max }));
        const size = path === '' ? `mw_${id}_size` : null;
        if (size !== null) graph.node.push(makeNode('Size', [from], [size], { name: size }));
        lifted.push({ key, min, max, size });
      }
    }
    return lifted;
  };
  const top = visit(model.graph!, '', new Map());
  for (const { min, max, size } of top) {
    for (const name of new Set([min, max])) model.graph!.output.push(outputInfo(name, dataTypes.float));
    if (size !== null) model.graph!.output.push(outputInfo(size, dataTypes.int64));
  }
  model.graph!.valueInfo = [];
  return { model, outputs: new Map(top.map(({ key, min, max, size }) => [key, { min, max, size }])) };
}

const namesOf = (found: readonly Lifted[]): string[] => [...new Set(found.flatMap(({ min, max }) => [min, max]))];
const renamed = (found: readonly Lifted[], rename: (name: string) => string): Lifted[] => found.map((one) => ({ ...one, min: rename(one.min), max: rename(one.max) }));

function liftFromBranches(node: NodeProto, branches: readonly Inner[]): Lifted[] {
  for (const branch of branches) for (const name of namesOf(branch.found)) {
    node.output.push(name);
    for (const { graph } of branches) {
      if (graph !== branch.graph) {
        if (!graph.initializer.some((tensor) => tensor.name === 'mw_not_run')) graph.initializer.push(tensorOver('mw_not_run', dataTypes.float, [0], new Float32Array(0)));
        graph.node.push(makeNode('Identity', ['mw_not_run'], [name], { name: `${name}_not_run` }));
      }
      graph.output.push(outputInfo(name, dataTypes.float));
    }
  }
  return branches.flatMap(({ found }) => found);
}

/** A body's tensor as one row of values. */
function flatten(body: GraphProto, name: string): string {
  body.initializer.push(tensorOver(`${name}_row`, dataTypes.int64, [1], BigInt64Array.of(-1n)));
  body.node.push(makeNode('Reshape', [name, `${name}_row`], [`${name}_flat`], { name: `${name}_flat` }));
  return `${name}_flat`;
}

/** As values that the loop carries, since those may grow: what it collects itself must have one shape. */
function liftFromLoop(outer: GraphProto, node: NodeProto, { graph: body, found }: Inner): Lifted[] {
  const names = namesOf(found);
  const carried = Math.max(0, body.input.length - 2);
  while (node.input.length < 2 + carried) node.input.push('');
  while (node.output.length < carried) node.output.push('');
  for (const name of names) {
    body.node.push(makeNode('Concat', [`${name}_before`, flatten(body, name)], [`${name}_after`], { name: `${name}_after`, attributes: { axis: { int: 0 } } }));
    body.input.push(outputInfo(`${name}_before`, dataTypes.float));
    outer.initializer.push(tensorOver(`${name}_none`, dataTypes.float, [0], new Float32Array(0)));
    node.input.push(`${name}_none`);
  }
  body.output.splice(1 + carried, 0, ...names.map((name) => outputInfo(`${name}_after`, dataTypes.float)));
  node.output.splice(carried, 0, ...names.map((name) => `${name}_out`));
  return renamed(found, (name) => `${name}_out`);
}

function liftFromScan(node: NodeProto, { graph: body, found }: Inner): Lifted[] {
  const names = namesOf(found);
  while (node.output.length < body.output.length) node.output.push('');
  for (const name of names) {
    body.output.push(outputInfo(flatten(body, name), dataTypes.float));
    node.output.push(`${name}_out`);
  }
  for (const attribute of ['scan_output_axes', 'scan_output_directions']) {
    const given = intsAttribute(node, attribute, null);
    if (given) { node.attribute = [...node.attribute]; setAttribute(node, attribute, { ints: [...given, ...names.map(() => 0)] }); }
  }
  return renamed(found, (name) => `${name}_out`);
}
