// Writes a plan into its graph: scales and zero points as initializers, QuantizeLinear and DequantizeLinear around activations, integer weights and biases.
import { makeNode, type NodeOptions } from '../../onnx/graph/attributes.ts';
import { freshNames } from '../../onnx/graph/freshNames.ts';
import { outerReadsOf, readsOf, subgraphsOf } from '../../onnx/graph/subgraphs.ts';
import { sortNodes } from '../../onnx/graph/sortNodes.ts';
import { AppError } from '#shared/errors';
import type { NodeProto, TensorProto } from '../../onnx/schema/onnx_pb.ts';
import { dataTypes, dimsOf, floatsOf, tensorOver } from '../graph/protos.ts';
import { integerTypes, type IntegerTypeName } from '../numerics/integerTypes.ts';
import { fitScalesToBias, quantizeBias, raiseScalesForBias } from '../numerics/quantizeBias.ts';
import { channelRanges, makeIntegerArray, minMax, quantizeWith } from '../numerics/quantizeValues.ts';
import { toFloat16Bits } from '../numerics/float16.ts';
import { scaleZeroPoint, type QuantParams } from '../numerics/scaleZeroPoint.ts';
import type { ScopePlan, WeightMark } from './planStatic.ts';
import { rangeKey, type Range, type Ranges, type StaticOptions } from './StaticOptions.ts';

interface Params { readonly type: IntegerTypeName; readonly params: readonly QuantParams[]; readonly axis: number | null; /** Of a weight: which of its scales belong to zeros alone. */ readonly empty?: readonly boolean[] }
interface Names { readonly scale: string; readonly zeroPoint: string; readonly source: Params }

/** What was chosen for a tensor: for reports, blame and the parity goldens. */
export interface TensorChoice { readonly scope: string; readonly tensor: string; readonly kind: 'activation' | 'weight' | 'bias'; readonly scales: readonly number[]; readonly zeroPoints: readonly number[] }

export interface WriteResult {
  readonly choices: TensorChoice[];
  /** Tensor names of the float graph to the name that carries the same value, dequantized, in the written graph. */
  readonly dequantized: ReadonlyMap<string, string>;
}

/**
 * Changes the plan's graph.
 * @param ranges every range that tensorsToObserve named
 * @param domain of QuantizeLinear and DequantizeLinear: '' or com.microsoft (16 bits, or per channel, below the opset that has them)
 * @throws AppError INTERNAL when a range is missing; BAD_INPUT when a weight is not finite
 * Names and placement follow onnxruntime.quantization 1.32, so that models can be compared node by node.
 */
export function writeStatic(plan: ScopePlan, ranges: Ranges, options: StaticOptions, domain: '' | 'com.microsoft'): WriteResult {
  const { graph, types, path } = plan.scope;
  const initializers = new Map(graph.initializer.map((t) => [t.name, t]));
  const added: TensorProto[] = [];
  const nodes: NodeProto[] = [...graph.node];
  const choices: TensorChoice[] = [];
  const quantized = new Map<string, Names>();
  const renamed = new Map<string, string>();
  const dequantized = new Map<string, string>();
  const graphOutputs = new Set(graph.output.map((o) => o.name));

  const fresh = freshNames([...types.keys(), ...graph.node.flatMap((n) => [...n.input, ...n.output])]);
  const floatTensor = (name: string, like: string, dims: readonly number[], values: readonly number[] | Float32Array) =>
    types.get(like) === dataTypes.float16 ? tensorOver(name, dataTypes.float16, dims, Uint16Array.from(values, toFloat16Bits)) : tensorOver(name, dataTypes.float, dims, Float32Array.from(values));
  const addParams = (tensor: string, source: Params): Names => {
    const dims = source.axis === null ? [] : [source.params.length];
    const names: Names = { scale: fresh(`${tensor}_scale`), zeroPoint: fresh(`${tensor}_zero_point`), source };
    const zeroPoints = makeIntegerArray(source.type, source.params.length);
    source.params.forEach((p, i) => { zeroPoints[i] = p.zeroPoint; });
    added.push(tensorOver(names.zeroPoint, integerTypes[source.type].onnxType, dims, zeroPoints as Int8Array<ArrayBuffer>), floatTensor(names.scale, tensor, dims, source.params.map((p) => p.scale)));
    return names;
  };
  const node = (opType: string, input: readonly string[], output: string, name: string, axis: number | null) => {
    const nodeOptions: NodeOptions = { name: fresh(name), ...(domain ? { domain } : {}), ...(axis === null ? {} : { attributes: { axis: { int: axis } } }) };
    nodes.push(makeNode(opType, input, [output], nodeOptions));
  };
  const replaceInputs = (from: string, to: string) => renamed.set(from, to);

  // 1. Parameters of initializers; then weight scales are raised where a bias would overflow.
  const weightParams = new Map<string, Params>();
  for (const [name, mark] of plan.marks) {
    const tensor = initializers.get(name);
    if (tensor && !(mark.kind === 'activation' && mark.sharesWith !== null)) weightParams.set(name, initializerParams(tensor, mark.kind === 'weight' ? mark : null, options));
  }
  const rangeOf = (name: string): Range => {
    const fixed = plan.fixedRange.get(name);
    if (fixed) return { low: fixed[0], high: fixed[1] };
    const from = plan.rangeFrom.get(name) ?? name;
    const range = ranges.get(rangeKey(path, from));
    if (!range) throw new AppError('INTERNAL', `No range was observed for "${name}".`);
    const [least, most] = plan.clipped.get(from) ?? [-Infinity, Infinity];
    return { low: Math.max(range.low, least), high: Math.min(range.high, most) };
  };
  const activationParams = new Map<string, Params>();
  for (const [name, mark] of plan.marks) {
    if (mark.kind === 'weight' || mark.sharesWith !== null || initializers.has(name)) continue;
    const { low, high } = rangeOf(name);
    activationParams.set(name, { type: options.activations, axis: null, params: [scaleZeroPoint(low, high, { type: options.activations, symmetric: options.symmetricActivations })] });
  }
  const sharedParams = (name: string): Params | undefined => {
    for (let at = name, i = 0; i < 1000; i++) {
      const mark = plan.marks.get(at);
      if (!mark) return undefined;
      if (mark.kind === 'weight' || mark.sharesWith === null) return activationParams.get(at) ?? weightParams.get(at);
      at = mark.sharesWith;
    }
    return undefined;
  };
  for (const { bias, input, weight, beta } of plan.biases.values()) {
    const source = weightParams.get(weight);
    const scale = sharedParams(input)?.params[0]?.scale;
    if (!source || scale === undefined || source.type !== 'int8' || source.params.some((p) => p.zeroPoint !== 0)) continue;
    const scales = source.params.map((p) => p.scale);
    const floats = timesBeta(floatsOf(initializers.get(bias)!), beta);
    const raised = raiseScalesForBias(floats, scale, options.parity || !source.empty ? scales : fitScalesToBias(floats, scale, scales, source.empty));
    if (raised !== scales) weightParams.set(weight, { ...source, params: raised.map((s) => ({ scale: s, zeroPoint: 0 })) });
  }

  // 2. Tensors with their own parameters, then those that share.
  const addActivation = (name: string, names: Names) => {
    const quantizedName = fresh(`${name}_QuantizeLinear_Output`);
    const axis = names.source.axis;
    let from = name;
    let to = fresh(`${name}_DequantizeLinear_Output`);
    if (graphOutputs.has(name) && !graph.input.some((i) => i.name === name)) {
      from = fresh(`${name}_QuantizeLinear_Input`);
      to = name;
      for (const other of graph.node) other.output = other.output.map((o) => (o === name ? from : o));
    } else replaceInputs(name, to);
    node('QuantizeLinear', [from, names.scale, names.zeroPoint], quantizedName, `${name}_QuantizeLinear`, axis);
    node('DequantizeLinear', [quantizedName, names.scale, names.zeroPoint], to, `${name}_DequantizeLinear`, axis);
    quantized.set(name, names);
    dequantized.set(name, to);
  };
  for (const [name, mark] of plan.marks) {
    if (mark.kind === 'activation' && mark.sharesWith !== null) continue;
    const tensor = initializers.get(name);
    const source = tensor ? weightParams.get(name)! : activationParams.get(name)!;
    const names = addParams(name, source);
    choices.push({ scope: path, tensor: name, kind: tensor ? 'weight' : 'activation', scales: source.params.map((p) => p.scale), zeroPoints: source.params.map((p) => p.zeroPoint) });
    if (!tensor) { addActivation(name, names); continue; }
    const quantizedName = fresh(`${name}_quantized`);
    const output = fresh(`${name}_DequantizeLinear_Output`);
    const values = quantizeWith(floatsOf(tensor), dimsOf(tensor), source.axis, source.params, source.type);
    added.push(tensorOver(quantizedName, integerTypes[source.type].onnxType, dimsOf(tensor), values as Int8Array<ArrayBuffer>));
    node('DequantizeLinear', [quantizedName, names.scale, names.zeroPoint], output, `${name}_DequantizeLinear`, source.axis);
    quantized.set(name, names);
    replaceInputs(name, output);
  }
  let pending = [...plan.marks].filter(([, mark]) => mark.kind === 'activation' && mark.sharesWith !== null);
  while (pending.length) {
    const next = pending.filter(([name, mark]) => {
      const provider = quantized.get((mark as { sharesWith: string }).sharesWith);
      if (provider) addActivation(name, provider);
      return !provider;
    });
    if (next.length === pending.length) break; // planScope left no such chain
    pending = next;
  }

  // 3. Biases: INT32 with the product of the scales; left in float where either side has none, or where Gemm spreads one value over several channels.
  const removedBiases = new Set<string>();
  for (const { bias, input, weight, beta } of plan.biases.values()) {
    const inputScale = quantized.get(input)?.source.params[0]?.scale;
    const weightSource = quantized.get(weight)?.source;
    const tensor = initializers.get(bias);
    if (!tensor || quantized.has(bias)) continue;
    const floats = timesBeta(floatsOf(tensor), beta);
    const dims = dimsOf(tensor);
    const channels = weightSource?.params.length ?? 0;
    if (inputScale === undefined || !weightSource || (channels > 1 && (floats.length !== channels || dims.at(-1) !== channels))) {
      if (beta !== 1) { added.push(floatTensor(bias, bias, dims, floats)); removedBiases.add(bias); } // its node has lost the factor
      continue;
    }
    const { values, scales } = quantizeBias(floats, inputScale, weightSource.params.map((p) => p.scale));
    const perChannel = scales.length > 1;
    const name = fresh(`${bias}_quantized`);
    const scaleName = fresh(`${name}_scale`);
    const zeroName = fresh(`${name}_zero_point`);
    added.push(tensorOver(name, dataTypes.int32, dims, values), floatTensor(scaleName, bias, perChannel ? [scales.length] : [], scales), tensorOver(zeroName, dataTypes.int32, perChannel ? [scales.length] : [], new Int32Array(scales.length)));
    node('DequantizeLinear', [name, scaleName, zeroName], bias, `${bias}_DequantizeLinear`, perChannel ? dims.length - 1 : null);
    removedBiases.add(bias);
    choices.push({ scope: path, tensor: bias, kind: 'bias', scales: [...scales], zeroPoints: [0] });
  }

  // 4. Consumers of this graph read the dequantized values; QuantizeLinear itself reads the float one.
  for (const other of graph.node) other.input = other.input.map((i) => renamed.get(i) ?? i);
  graph.node = nodes;
  graph.node = [...sortNodes(graph).order];
  const used = new Set(graph.node.flatMap(readsOf).concat(graph.output.map((o) => o.name)));
  graph.initializer = [...graph.initializer.filter((t) => used.has(t.name) && !removedBiases.has(t.name)), ...added.filter((t) => used.has(t.name))];
  graph.valueInfo = [];
  return { choices, dequantized };
}

/** Gemm's factor goes into the bias. (The reference puts it into the scale alone, where dequantizing takes it out again: its models lose the factor.) */
const timesBeta = (bias: Float32Array, beta: number): Float32Array => (beta === 1 ? bias : bias.map((x) => x * beta));

function initializerParams(tensor: TensorProto, mark: WeightMark | null, options: StaticOptions): Params {
  const data = floatsOf(tensor);
  const type = mark ? options.weights : options.activations;
  const axis = mark?.axis ?? null;
  // Per channel is always symmetric: the integer kernels want one zero point for all channels.
  const symmetric = axis !== null || (mark ? integerTypes[type].signed : options.symmetricActivations);
  const ranges = axis === null ? [minMax(data)] : channelRanges(data, dimsOf(tensor), axis);
  try {
    const empty = ranges.map(([low, high]) => low === 0 && high === 0);
    return { type, axis, ...(mark && empty.includes(true) ? { empty } : {}), params: ranges.map(([low, high]) => scaleZeroPoint(low, high, { type, symmetric, reduceRange: options.reduceRange })) };
  } catch (error) {
    throw new AppError('BAD_MODEL', `The weight "${tensor.name}" holds values that are not finite (NaN or infinity).`, { cause: error, hint: 'Export the model again from sound weights.' });
  }
}

/** Drops initializers that nothing reads any more; to be called on every graph after all scopes are written. */
export function dropUnusedInitializers(graph: ScopePlan['scope']['graph']): void {
  for (const inner of graph.node.flatMap(subgraphsOf)) dropUnusedInitializers(inner.graph);
  const used = new Set([...graph.node.flatMap(readsOf), ...graph.output.map((o) => o.name), ...outerReadsOf(graph)]);
  graph.initializer = graph.initializer.filter((t) => used.has(t.name));
}
