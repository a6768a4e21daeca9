// Models in half precision, widened to float32 before they are quantized: each half is a float32 too, so no weight changes.
import { attributeOf, intAttribute, makeNode, setAttribute } from '../../onnx/graph/attributes.ts';
import { freshNames } from '../../onnx/graph/freshNames.ts';
import { subgraphsOf } from '../../onnx/graph/subgraphs.ts';
import { AttributeProtoSchema, ValueInfoProtoSchema, type FunctionProto, type GraphProto, type NodeProto, type TensorProto, type ValueInfoProto } from '../../onnx/schema/onnx_pb.ts';
import { copyMessage, dataTypes, dimsOf, floatsOf, tensorOver, typeOfInfo, withElementType } from './protos.ts';

/**
 * Changes the graph, those within it, and the model's own functions; inputs and outputs of the model keep their types, with a Cast beside them.
 * @returns how many weights were widened
 */
export function halvesToFloats(main: GraphProto, functions: readonly FunctionProto[] = []): number {
  let widened = widenGraph(main);
  for (const one of functions) { one.valueInfo = []; widened += widenNodes(one.node); }
  const fresh = freshNames([...[...main.input, ...main.output].map(({ name }) => name), ...main.node.flatMap((node) => [...node.input, ...node.output])]);
  const before: NodeProto[] = [], after: NodeProto[] = [];
  const renamed = new Map<string, string>();
  const cast = (from: string, to: string, type: number) => makeNode('Cast', [from], [to], { name: `${to}_cast`, attributes: { to: { int: type } } });
  for (const { name } of main.input.filter(isHalf)) {
    const float = fresh(`${name}_float32`);
    before.push(cast(name, float, dataTypes.float));
    renamed.set(name, float);
  }
  for (const { name } of main.output.filter(isHalf)) {
    const from = renamed.get(name) ?? fresh(`${name}_float32`); // an input may be an output as well
    renamed.set(name, from);
    after.push(cast(from, name, dataTypes.float16));
  }
  renameAll(main, renamed);
  main.node = [...before, ...main.node, ...after];
  return widened;
}

function widenGraph(graph: GraphProto): number {
  let widened = 0;
  graph.initializer = graph.initializer.map((tensor) => {
    if (tensor.dataType !== dataTypes.float16) return tensor;
    widened++;
    return widen(tensor);
  });
  graph.valueInfo = [];
  return widened + widenNodes(graph.node);
}

function widenNodes(nodes: readonly NodeProto[]): number {
  let widened = 0;
  for (const node of nodes) {
    // Types that a node makes: Cast's `to`, `dtype` of EyeLike and the random operators.
    for (const name of ['to', 'dtype']) if (intAttribute(node, name, 0) === dataTypes.float16) {
      node.attribute = [...node.attribute];
      setAttribute(node, name, { int: dataTypes.float });
    }
    const value = attributeOf(node, 'value');
    if (value?.t?.dataType === dataTypes.float16) {
      const t = widen(value.t);
      node.attribute = node.attribute.map((attribute) => (attribute === value ? copyMessage(AttributeProtoSchema, attribute, { t }) : attribute));
      widened++;
    }
    for (const { graph: inner } of subgraphsOf(node)) {
      widened += widenGraph(inner);
      inner.input = inner.input.map(widenInfo);
      inner.output = inner.output.map(widenInfo);
    }
  }
  return widened;
}

const widen = (tensor: TensorProto): TensorProto => tensorOver(tensor.name, dataTypes.float, dimsOf(tensor), floatsOf(tensor) as Float32Array<ArrayBuffer>);
const isHalf = (info: ValueInfoProto): boolean => typeOfInfo(info) === dataTypes.float16;
const widenInfo = (info: ValueInfoProto): ValueInfoProto => withElementType(info, dataTypes.float16, dataTypes.float);

/** Names of the outermost graph, wherever they are read; an inner graph that has such a name itself means its own. */
function renameAll(graph: GraphProto, renamed: ReadonlyMap<string, string>): void {
  if (renamed.size === 0) return;
  const next = (name: string) => renamed.get(name) ?? name;
  for (const node of graph.node) {
    node.input = node.input.map(next);
    node.output = node.output.map(next);
    for (const { graph: inner } of subgraphsOf(node)) {
      const own = new Set([...inner.input.map(({ name }) => name), ...inner.initializer.map(({ name }) => name), ...inner.node.flatMap(({ output }) => output)]);
      const seen = new Map([...renamed].filter(([name]) => !own.has(name)));
      renameAll(inner, seen);
      inner.output = inner.output.map((info) => (seen.has(info.name) ? copyMessage(ValueInfoProtoSchema, info, { name: next(info.name) }) : info));
    }
  }
}

/** Weights in half precision, in all graphs and functions. */
export const hasHalves = (graph: GraphProto, functions: readonly FunctionProto[] = []): boolean => graph.initializer.some(({ dataType }) => dataType === dataTypes.float16)
  || [...graph.node, ...functions.flatMap((one) => one.node)].some((node) => attributeOf(node, 'value')?.t?.dataType === dataTypes.float16 || subgraphsOf(node).some(({ graph: inner }) => hasHalves(inner)));
