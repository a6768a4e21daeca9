// First task of a quantization: reads the model, checks that it can be quantized, and puts it into the form that the planner takes.
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '#shared/errors';
import type { Finding } from '#shared/finding';
import type { TensorInfo } from '#shared/contract/references';
import { decodeModel } from '#core/onnx/decodeModel';
import { eachTensor } from '#core/onnx/externalRefs';
import { canonicalDomain, opsetOf } from '#core/onnx/graph/opsets';
import { eachGraph, subgraphsOf } from '#core/onnx/graph/subgraphs';
import { raiseOpset } from '#core/onnx/raiseOpset';
import { TensorProto_DataLocation, type ModelProto } from '#core/onnx/schema/onnx_pb';
import { rawByteLength } from '#core/onnx/tensors/dataTypes';
import { elementCount } from '#core/onnx/tensors/elementCount';
import { dataTypeOfTensor, readTensorBytes } from '#core/onnx/tensors/readTensor';
import { externalPlaceOf, isExternal } from '#core/onnx/tensors/ExternalData';
import { cloneModel } from '#core/quantize/graph/cloneModel';
import { constantsToInitializers } from '#core/quantize/graph/constantsToInitializers';
import { matchNodes } from '#core/quantize/graph/matchNodes';
import { einsumToMatMul } from '#core/quantize/graph/einsumToMatMul';
import { halvesToFloats, hasHalves } from '#core/quantize/graph/halvesToFloats';
import { dataTypes, typeOfInfo } from '#core/quantize/graph/protos';
import { shareDuplicates } from '#core/quantize/graph/shareDuplicates';
import { initializerOf, nameNodes, nodeLabel, walkScopes } from '#core/quantize/static/walkScopes';
import { createNativeSession } from '../inference/nativeSession.ts';
import { translateFileError } from '../files/translateFileError.ts';
import { openExternalFiles } from '../models/externalFiles.ts';
import { collectGarbage } from './collectGarbage.ts';
import { setLab } from './lab.ts';
import { openWeightStore, type WeightStore } from './weightStore.ts';
import { writeModel } from './writeModel.ts';

export interface PrepareInput {
  readonly path: string;
  readonly workDir: string;
  readonly threads: number;
  /** As the reference does it: nothing is folded before quantizing. */
  readonly parity: boolean;
  /** False where nothing will ever run this model in this job: then it is not loaded either. */
  readonly run: boolean;
  /** The opset that the recipe needs; the model is raised to it where it is below. */
  readonly opset: number;
  /** Nodes to keep in float, as the user named them. */
  readonly exclude: readonly string[];
}

export interface Prepared {
  readonly inputSha256: string;
  readonly inputBytes: number;
  readonly inputs: readonly TensorInfo[];
  readonly opset: number;
  /** One sentence per change made before quantizing. */
  readonly changes: readonly string[];
  readonly findings: readonly Finding[];
  readonly operators: Readonly<Record<string, number>>;
  /** Bytes of float weights: what quantization can save on. */
  readonly floatWeightBytes: number;
  /** Bytes of the float weights that each node reads, by its name. */
  readonly nodeBytes: Readonly<Record<string, number>>;
  /** It came in half precision, and was widened. */
  readonly half: boolean;
  /** Some output is float; the others are equal or not, entry by entry. */
  readonly floatOutputs: boolean;
  /** Names of the nodes to keep in float. */
  readonly excluded: readonly string[];
  /** The weights lie in files too large to hold in memory: nothing is prepared, and only `quantize.stream` goes on. */
  readonly tooLarge: boolean;
}

/** External weights up to this size are read into memory, and the result holds them itself. */
const mostHeldBytes = 2 ** 30;

const floatTypes: ReadonlySet<number> = new Set([dataTypes.float, dataTypes.float16, dataTypes.double]);
const quantizedOperators = /^(?:QuantizeLinear|DequantizeLinear|QLinear\w+|QGemm|ConvInteger|MatMulInteger\w*|DynamicQuantize\w+|MatMulNBits|QAttention|GatherBlockQuantized)$/u;

/** @throws AppError BAD_MODEL, MODEL_UNSUPPORTED, NOTHING_TO_QUANTIZE when it is quantized already */
export async function prepareTask(input: PrepareInput): Promise<Prepared> {
  const changes: string[] = [];
  const findings: Finding[] = [];
  const normalPath = join(input.workDir, 'normal.onnx');
  const preparedPath = join(input.workDir, 'prepared.onnx');
  const weights = openWeightStore(join(input.workDir, 'weights.bin'));
  const read = readNormal(input, weights, normalPath, changes);
  if (!read) return { inputSha256: '', inputBytes: 0, inputs: [], opset: 0, changes, findings, operators: {}, floatWeightBytes: 0, nodeBytes: {}, half: false, floatOutputs: true, excluded: [...input.exclude], tooLarge: true };
  const { inputSha256, inputBytes, nodes, normal, half } = read;
  collectGarbage();
  // The runtime's own basic folding (BatchNorm into Conv, constants, MatMul+Add): it proves at once that the runtime loads the model.
  const inputs = input.run ? await load(normalPath, input, preparedPath) : [];
  let model: ModelProto;
  if (normal) model = normal;
  else {
    model = decodeModel(readBytes(preparedPath));
    nameNodes(model.graph!);
    const nested = model.graph!.node.some((node) => subgraphsOf(node).length > 0), equations = model.graph!.node.some((node) => node.opType === 'Einsum');
    if (nested || equations) model = weights.resolve(model);
    if (nested) shareDuplicates(model);
    if (equations) {
      const products = einsumToMatMul(model);
      if (products > 0) changes.push(`${products} Einsum nodes became products of matrices.`);
    }
    model = weights.refer(model, { add: true });
    const folded = nodes - countNodes(model);
    if (folded > 0) changes.push(`${folded} of ${nodes} nodes were folded away before quantizing (constants, batch normalization).`);
  }
  const used = new Set([...eachGraph(model.graph!)].flatMap((g) => g.node.map((n) => canonicalDomain(n.domain))));
  model.opsetImport = model.opsetImport.filter((o) => canonicalDomain(o.domain) === '' || used.has(o.domain));
  const from = opsetOf(model) ?? 0;
  if (from < input.opset) {
    const raised = raiseOpset(model, input.opset);
    model = raised.model;
    // What was refused is no error of the result: recipes that need the newer opset say so themselves.
    findings.push(...raised.findings.map((finding): Finding => ({ ...finding, severity: 'warning' })));
    if ((opsetOf(model) ?? 0) > from) changes.push(`The operator set was raised from ${from} to ${opsetOf(model)}.`);
  }
  setLab({
    normalPath, weights, workDir: input.workDir, threads: input.threads, model, inputs, whole: null, observing: null, comparing: null,
    extremes: new Map(), nonFinite: new Set(), sampleExtremes: new Map(), histograms: new Map(), references: new Map(), absExtremes: new Map(), channelInputs: new Map(), grams: new Map(), dequantized: new Map(), covered: new Map(),
  });
  const { nodes: excluded, unmatched } = matchNodes(model, input.exclude);
  for (const name of unmatched) findings.push({ id: 'QUANTIZE_EXCLUDE_UNKNOWN', severity: 'warning', place: name, message: `Nothing in the model matches "${name}", so nothing was kept in float for it.`, remedy: 'Nodes are named as in `layers` and `nodesKept`; `type:Conv` and patterns with * work too. Folding may have taken the node away.' });
  const operators: Record<string, number> = {};
  let floatWeightBytes = 0;
  for (const graph of eachGraph(model.graph!)) {
    for (const node of graph.node) operators[node.opType] = (operators[node.opType] ?? 0) + 1;
    for (const tensor of graph.initializer) if (tensor.dataType === 1) floatWeightBytes += 4 * tensor.dims.reduce((a, d) => a * Number(d), 1);
  }
  return { inputSha256, inputBytes, inputs, opset: opsetOf(model) ?? 0, changes, findings, operators, floatWeightBytes, nodeBytes: nodeBytesOf(model), half, floatOutputs: model.graph!.output.some((output) => floatTypes.has(typeOfInfo(output))), excluded, tooLarge: false };
}

function nodeBytesOf(model: ModelProto): Record<string, number> {
  const bytes: Record<string, number> = {};
  for (const scope of walkScopes(model)) for (const node of scope.graph.node) {
    const sum = node.input.reduce((total, name) => {
      const tensor = name ? initializerOf(scope, name)?.tensor : undefined;
      return tensor?.dataType === 1 ? total + 4 * tensor.dims.reduce((a, d) => a * Number(d), 1) : total;
    }, 0);
    if (sum > 0) bytes[nodeLabel(scope, node)] = sum;
  }
  return bytes;
}

async function load(path: string, { threads, parity }: PrepareInput, saveOptimized: string): Promise<TensorInfo[]> {
  const session = await createNativeSession({ path, threads, spinning: false, optimization: 'basic', once: true, ...(parity ? {} : { saveOptimized }) });
  const inputs = session.inputs.map(({ name, type, shape }): TensorInfo => ({ name, type: type ?? 'unknown', shape: [...shape] }));
  await session.release();
  return inputs;
}

const countNodes = (model: ModelProto): number => [...eachGraph(model.graph!)].reduce((sum, graph) => sum + graph.node.length, 0);

/** Writes the model in plain form: weights as constants of their graphs, nodes named. Only parity mode goes on with that very model, so only then is it kept. */
function readNormal({ path, parity, run }: PrepareInput, weights: WeightStore, normalPath: string, changes: string[]): { readonly inputSha256: string; readonly inputBytes: number; readonly nodes: number; readonly normal: ModelProto | null; readonly half: boolean } | null {
  const bytes = readBytes(path);
  const source = decodeModel(bytes);
  refuseUnfit(source);
  const external = readExternal(source, path);
  if (external === null) return null;
  if (external > 0) changes.push('The weights were read from the files beside the model; the result holds them itself.');
  const normal = cloneModel(source);
  const initializers = new Set(normal.graph!.initializer.map((t) => t.name));
  const overridable = normal.graph!.input.filter((i) => initializers.has(i.name)).length;
  if (overridable) {
    normal.graph!.input = normal.graph!.input.filter((i) => !initializers.has(i.name));
    changes.push(`${overridable} weights were listed as inputs; they are constants now.`);
  }
  const before = normal.graph!.initializer.length;
  constantsToInitializers(normal.graph!);
  if (normal.graph!.initializer.length > before) changes.push(`${normal.graph!.initializer.length - before} Constant nodes became initializers.`);
  // The reference leaves halves as they are.
  const half = !parity && hasHalves(normal.graph!, normal.functions);
  if (half) changes.push(`${halvesToFloats(normal.graph!, normal.functions)} weights in half precision were widened to float32, which changes none of them; the result is compared with that model.`);
  nameNodes(normal.graph!);
  if (normal.irVersion < 8n) normal.irVersion = 8n;
  const referring = run ? weights.refer(normal, { add: true }) : normal;
  if (run) writeModel(normalPath, referring);
  return { inputSha256: createHash('sha256').update(bytes).digest('hex'), inputBytes: bytes.length + external, nodes: countNodes(normal), normal: parity ? referring : null, half };
}

function refuseUnfit(model: ModelProto): void {
  const already = new Map<string, number>();
  for (const graph of eachGraph(model.graph!)) for (const node of graph.node) if (quantizedOperators.test(node.opType)) already.set(node.opType, (already.get(node.opType) ?? 0) + 1);
  if (already.size) {
    const list = [...already].map(([type, n]) => `${n} ${type}`).slice(0, 3).join(', ');
    throw new AppError('NOTHING_TO_QUANTIZE', `The model is quantized already: it holds ${list}.`, { hint: 'Quantize the float model that it was made from.' });
  }
}

/** Brings weights from the files beside the model into it. @returns the bytes of these files, in which tensors may share a place; null where they are too large to hold */
function readExternal(model: ModelProto, path: string): number | null {
  const tensors = [...eachTensor(model)].filter(isExternal); // also those of Constant nodes and of functions
  if (!tensors.length) return 0;
  const files = openExternalFiles(path);
  try {
    const locations = new Set(tensors.map((tensor) => externalPlaceOf(tensor).location));
    const bytes = tensors.reduce((sum, tensor) => sum + (rawByteLength(dataTypeOfTensor(tensor), elementCount(tensor.dims) ?? 0) ?? 0), 0);
    if (bytes > mostHeldBytes) return null;
    for (const tensor of tensors) {
      tensor.rawData = readTensorBytes(tensor, files);
      tensor.dataLocation = TensorProto_DataLocation.DEFAULT;
      tensor.externalData = [];
    }
    return [...locations].reduce((sum, location) => sum + statSync(files.pathOf(location)).size, 0);
  } finally { files.close(); }
}

export function readBytes(path: string): Buffer {
  try { return readFileSync(path); } catch (error) { throw translateFileError(error, path, 'read'); }
}
