// How much memory a session will need at its peak, from the model alone: weights by type, activations by shape and liveness in execution order.
import type { MemoryEstimate } from '#shared/contract/models';
import { copyMessage } from './copyModel.ts';
import { eachTensor } from './externalRefs.ts';
import { sortNodes } from './graph/sortNodes.ts';
import { readsOf, subgraphsOf } from './graph/subgraphs.ts';
import { canonicalDomain } from './graph/opsets.ts';
import { inferTypes, type InferredTypes } from './inferTypes.ts';
import type { GraphProto, ModelProto, NodeProto } from './schema/onnx_pb.ts';
import { dataTypeOf, rawByteLength } from './tensors/dataTypes.ts';
import { elementCount } from './tensors/elementCount.ts';
import { typeFromProto, valueInfo, type Dim } from './types/ValueType.ts';

/*
 * Figures that no model tells, fitted to measured peaks of ONNX Runtime on x64 Linux (bench/memory; results, also for models that they were not
 * fitted to, in bench/results/memory.md).
 */
/** A worker process with the runtime loaded. */
const processBytes = 66e6;
/** Any session, before its weights. */
const sessionBytes = 28e6;
/** Weights are held more than once while they are read and laid out anew for speed. */
const weightCopies = 2.6;
/** The arena grows in powers of two, from the second run on one block of the whole pattern lies beside the pieces of the first, and kernels need working room. */
const activationCopies = 3.2;
/** Answers are freed by the garbage collector, which waits until this much has gathered, or so many answers. */
const [uncollectedBytes, uncollectedAnswers] = [32e6, 64];

export interface EstimateOptions {
  /** Size of an open first axis. */
  readonly batch: number;
  /** Size of any other open axis, where `dims` does not tell. */
  readonly openSize: number;
  /** Dimensions of inputs as they will be fed, by name. */
  readonly dims?: Readonly<Record<string, readonly number[]>>;
}

/** Operators whose output is a view of their first input. */
const views = new Set(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Identity', 'Dropout']);
/** Operators that the runtime lets write into an input of the same size that nobody reads any more, or fuses with what makes it. */
const inPlace = new Set(['Relu', 'LeakyRelu', 'PRelu', 'Clip', 'Sigmoid', 'HardSigmoid', 'HardSwish', 'Tanh', 'Elu', 'Selu', 'Softplus', 'Gelu', 'Erf', 'Exp', 'Log', 'Sqrt', 'Abs', 'Neg', 'Floor', 'Ceil', 'Add', 'Sub', 'Mul', 'Div', 'BatchNormalization', 'Softmax']);

interface Sizes {
  bytesOf(value: string, graph: GraphProto): number;
  unknown: number;
}

/** Never throws for what a model holds; what cannot be told counts nothing and is said. */
export function estimateMemory(model: ModelProto, { batch, openSize, dims = {} }: EstimateOptions, signal?: AbortSignal): MemoryEstimate {
  const copy = copyMessage(model); // its inputs get the sizes asked for; the model itself stays as it is
  const { graph } = copy;
  const assumed: MemoryEstimate['assumed'] = [];
  const symbols = new Map<string, number>();
  let effectiveBatch = batch;
  if (graph) {
    const constants = new Set(graph.initializer.map((tensor) => tensor.name));
    graph.input = graph.input.map((input) => {
      const type = typeFromProto(input.type);
      if (type.kind !== 'tensor' || constants.has(input.name)) return input;
      const given = dims[input.name];
      const shape = (given ?? type.shape ?? []).map((dim: Dim, axis) => {
        const symbol = type.shape?.[axis];
        const size = typeof dim === 'number' ? dim : axis === 0 ? batch : openSize;
        if (typeof dim !== 'number' && axis > 0) assumed.push({ input: input.name, axis, size });
        if (typeof symbol === 'string') symbols.set(symbol, size);
        return size;
      });
      return valueInfo(input.name, type.elemType, shape);
    });
    const first = graph.input.find((input) => !constants.has(input.name));
    effectiveBatch = (first && typeof typeFromProto(first.type).shape?.[0] === 'number' ? typeFromProto(first.type).shape?.[0] as number : batch); // checked just before
  }
  const types = inferTypes(copy, signal);
  const sizes = sizesFrom(types, symbols);
  const weightBytes = bytesOfWeights(copy);
  const activationBytes = graph ? peakOf(graph, sizes, new Set(), signal) : 0;
  const outputBytes = (graph?.output ?? []).reduce((sum, output) => sum + (graph ? sizes.bytesOf(output.name, graph) : 0), 0);
  const runBytes = Math.round(activationCopies * activationBytes + Math.min(uncollectedBytes, uncollectedAnswers * outputBytes));
  const loadBytes = Math.round(sessionBytes + weightCopies * weightBytes);
  return {
    totalBytes: processBytes + loadBytes + runBytes, processBytes, loadBytes, runBytes, weightBytes, activationBytes, batch: effectiveBatch,
    assumed, unknownValues: sizes.unknown, unknownOperators: [...new Set(types.unknownOperators.map(({ domain, opType }) => (canonicalDomain(domain) === '' ? opType : `${domain}.${opType}`)))].slice(0, 50),
  };
}

function bytesOfWeights(model: ModelProto): number {
  let total = 0;
  for (const tensor of eachTensor(model)) {
    const type = dataTypeOf(tensor.dataType);
    const count = elementCount(tensor.dims);
    if (type && count !== null) total += rawByteLength(type, count) ?? tensor.stringData.reduce((sum, text) => sum + text.length, 0);
  }
  return total;
}

function sizesFrom(types: InferredTypes, symbols: ReadonlyMap<string, number>): Sizes {
  const sizes: Sizes = {
    unknown: 0,
    bytesOf(value, graph) {
      const type = types.typeOf(value, graph);
      const element = type?.kind === 'tensor' ? dataTypeOf(type.elemType) : null;
      const dims = type?.shape?.map((dim) => (typeof dim === 'string' ? symbols.get(dim) ?? null : dim)) ?? null;
      const known = dims?.filter((dim) => dim !== null);
      const count = element && dims && known?.length === dims.length ? elementCount(known) : null;
      const bytes = count === null || !element ? null : rawByteLength(element, count);
      if (bytes === null) sizes.unknown += 1;
      return bytes ?? 0;
    },
  };
  return sizes;
}

/** Largest sum of what lives at once: inputs and outputs of the graph, and each value from the node that makes it to the last that reads it. */
function peakOf(graph: GraphProto, sizes: Sizes, outerConstants: ReadonlySet<string>, signal?: AbortSignal): number {
  const constants = new Set([...outerConstants, ...graph.initializer.map((tensor) => tensor.name), ...graph.node.filter((node) => node.opType === 'Constant').flatMap((node) => node.output)]);
  const { order } = sortNodes(graph);
  const lastRead = new Map<string, number>();
  order.forEach((node, index) => readsOf(node).forEach((name) => lastRead.set(name, index)));
  for (const output of graph.output) lastRead.set(output.name, order.length);
  const buffers = new Map<string, { bytes: number; until: number }>();
  const held = new Map<number, Set<string>>(); // which buffers may be given back after which node
  const bufferOf = new Map<string, string>();
  let current = 0;
  const keep = (buffer: string, until: number) => { const at = held.get(until) ?? new Set<string>(); at.add(buffer); held.set(until, at); };
  const open = (value: string, bytes: number, until: number) => { buffers.set(value, { bytes, until }); bufferOf.set(value, value); current += bytes; keep(value, until); };
  for (const input of graph.input) if (!constants.has(input.name)) open(input.name, sizes.bytesOf(input.name, graph), order.length); // the caller holds them to the end
  let peak = current;
  order.forEach((node, index) => {
    signal?.throwIfAborted();
    for (const value of node.output) {
      if (value === '' || constants.has(value)) continue;
      const until = Math.max(index, lastRead.get(value) ?? index);
      const bytes = sizes.bytesOf(value, graph);
      const shared = sharedBuffer(node, index, bytes, (name) => { const buffer = bufferOf.get(name); const found = buffer === undefined ? undefined : buffers.get(buffer); return found && buffer !== undefined ? { buffer, ...found } : null; });
      if (shared === null) { open(value, bytes, until); continue; }
      bufferOf.set(value, shared);
      const buffer = buffers.get(shared);
      if (buffer && until > buffer.until) { buffer.until = until; keep(shared, until); }
    }
    const inner = subgraphsOf(node).reduce((most, { graph: body }) => Math.max(most, peakOf(body, sizes, constants, signal)), 0);
    peak = Math.max(peak, current + inner);
    for (const name of held.get(index) ?? []) {
      const buffer = buffers.get(name);
      if (buffer?.until === index) { current -= buffer.bytes; buffers.delete(name); }
    }
  });
  return peak;
}

/** The buffer of an input that the node's output may take over, or null. */
function sharedBuffer(node: NodeProto, index: number, bytes: number, find: (value: string) => { readonly buffer: string; readonly bytes: number; readonly until: number } | null): string | null {
  if (canonicalDomain(node.domain) !== '') return null;
  if (views.has(node.opType)) return find(node.input[0] ?? '')?.buffer ?? null;
  if (!inPlace.has(node.opType)) return null;
  for (const name of node.input) {
    const found = find(name);
    if (found && found.until === index && found.bytes === bytes && bytes > 0) return found.buffer;
  }
  return null;
}
