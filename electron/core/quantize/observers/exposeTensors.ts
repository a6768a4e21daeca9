// A copy of a model that also answers inner tensors, or their smallest and largest values: what calibration runs.
import { create } from '@bufbuild/protobuf';
import { makeNode } from '../../onnx/graph/attributes.ts';
import { subgraphsOf } from '../../onnx/graph/subgraphs.ts';
import { TypeProtoSchema, TypeProto_TensorSchema, ValueInfoProtoSchema, type GraphProto, type ModelProto, type ValueInfoProto } from '../../onnx/schema/onnx_pb.ts';
import { cloneModel } from '../graph/cloneModel.ts';
import { inferElementTypes, type ElementTypes } from '../graph/elementTypes.ts';
import { dataTypes, tensorOver } from '../graph/protos.ts';
import { nameNodes } from '../static/walkScopes.ts';

/** values: the tensors themselves · extremes: only min and max, so that nothing large leaves the runtime. */
export type Exposure = 'values' | 'extremes';

export interface ExposedModel {
  readonly model: ModelProto;
  /** For each key asked for: the outputs to read; `max` equals `min` for values. A key that could not be exposed is missing. */
  readonly outputs: ReadonlyMap<string, { readonly min: string; readonly max: string }>;
}

const separator = '\u0000';

export function outputInfo(name: string, elemType: number): ValueInfoProto {
  return create(ValueInfoProtoSchema, { name, type: create(TypeProtoSchema, { value: { case: 'tensorType', value: create(TypeProto_TensorSchema, { elemType }) } }) });
}

interface Lifted { readonly key: string; readonly min: string; readonly max: string }

/**
 * @param keys `rangeKey`s: scope path and tensor name
 * Tensors inside the branches of an If come out as further outputs of the If; the branch that was not taken answers empty tensors for them.
 */
export function exposeTensors(source: ModelProto, keys: readonly string[], exposure: Exposure): ExposedModel {
  const model = cloneModel(source);
  nameNodes(model.graph!);
  const wanted = new Map<string, string[]>();
  for (const key of keys) {
    const [path = '', name = ''] = key.split(separator);
    const list = wanted.get(path);
    if (list) list.push(name); else wanted.set(path, [name]);
  }
  let counter = 0;
  const visit = (graph: GraphProto, path: string, outer: ElementTypes): Lifted[] => {
    const types = inferElementTypes(graph, outer);
    const lifted: Lifted[] = [];
    for (const node of graph.node) {
      if (node.opType !== 'If') continue;
      const branches = subgraphsOf(node).map(({ attribute, graph: inner }) => ({ inner, found: visit(inner, `${path}${node.name}/${attribute}/`, types) }));
      for (const { inner, found } of branches) for (const { key, min, max } of found) {
        for (const name of new Set([min, max])) {
          node.output.push(name);
          for (const other of branches) {
            if (other.inner !== inner) {
              if (!other.inner.initializer.some((t) => t.name === 'mw_not_run')) other.inner.initializer.push(tensorOver('mw_not_run', dataTypes.float, [0], new Float32Array(0)));
              other.inner.node.push(makeNode('Identity', ['mw_not_run'], [name], { name: `${name}_not_run` }));
            }
            other.inner.output.push(outputInfo(name, dataTypes.float));
          }
        }
        lifted.push({ key, min, max });
      }
    }
    // Last first: the runtime walks back from the last end of the graph, so each tensor is reduced, and its memory freed, as soon as it is made.
    for (const name of [...wanted.get(path) ?? []].reverse()) {
      const key = `${path}${separator}${name}`;
      const type = types.get(name);
      if (type !== dataTypes.float && type !== dataTypes.float16) continue;
      const id = counter++;
      let from = name;
      if (type === dataTypes.float16) {
        from = `mw_${id}_float`;
        graph.node.push(makeNode('Cast', [name], [from], { name: from, attributes: { to: { int: dataTypes.float } } }));
      }
      if (exposure === 'values') {
        const output = `mw_${id}_value`;
        graph.node.push(makeNode('Identity', [from], [output], { name: output }));
        lifted.push({ key, min: output, max: output });
      } else {
        const min = `mw_${id}_min`;
        const max = `mw_${id}_max`;
        // keepdims stays 1: the runtime cannot reduce an empty tensor to a scalar
        graph.node.push(makeNode('ReduceMin', [from], [min], { name: min }), makeNode('ReduceMax', [from], [max], { name: max }));
        lifted.push({ key, min, max });
      }
    }
    return lifted;
  };
  const top = visit(model.graph!, '', new Map());
  for (const { min, max } of top) for (const name of new Set([min, max])) model.graph!.output.push(outputInfo(name, dataTypes.float));
  model.graph!.valueInfo = [];
  return { model, outputs: new Map(top.map(({ key, min, max }) => [key, { min, max }])) };
}
