// Weights of models too large to hold: read from their external files one tensor at a time, quantized, and written to an external file of the result at once.
import { create } from '@bufbuild/protobuf';
import { createHash } from 'node:crypto';
import { closeSync, openSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '#shared/errors';
import { decodeModel } from '#core/onnx/decodeModel';
import { opsetOf } from '#core/onnx/graph/opsets';
import { eachGraph } from '#core/onnx/graph/subgraphs';
import { GraphProtoSchema, ModelProtoSchema, type ModelProto, type NodeProto, type TensorProto } from '#core/onnx/schema/onnx_pb';
import { externalPlaceOf, isExternal } from '#core/onnx/tensors/ExternalData';
import { readTensorBytes } from '#core/onnx/tensors/readTensor';
import { cloneNode } from '#core/quantize/graph/cloneModel';
import { dataTypes } from '#core/quantize/graph/protos';
import { outputInfo } from '#core/quantize/observers/exposeTensors';
import { nameNodes } from '#core/quantize/static/walkScopes';
import { quantizeDynamic, type DynamicOptions } from '#core/quantize/weights/quantizeDynamic';
import { quantizeBlocks, type BlockOptions } from '#core/quantize/weights/quantizeBlocks';
import type { RewriteResult, TensorStorage } from '#core/quantize/weights/rewriteScopes';
import { translateFileError } from '../files/translateFileError.ts';
import { createNativeSession } from '../inference/nativeSession.ts';
import { openExternalFiles, type ExternalReader } from '../models/externalFiles.ts';
import { becauseOf } from './becauseOf.ts';
import { collectGarbage } from './collectGarbage.ts';
import { appendAligned, externalTensor, internalTensor } from './externalTensor.ts';
import { openSizes, randomFeeds } from './feedsForProof.ts';
import { decibelsOf } from './noise.ts';
import { readBytes } from './prepareTask.ts';
import { writeModel } from './writeModel.ts';
import { roundersOf, type Rounding, type Written } from './writeTask.ts';

export type StreamSetting = { readonly kind: 'dynamic'; readonly options: DynamicOptions } | { readonly kind: 'blocks'; readonly options: BlockOptions; readonly rounding: Rounding };

export interface Streamed extends Written {
  readonly dataPath: string;
  readonly inputSha256: string;
  readonly inputBytes: number;
  /** Matrix products that were run alone, original against quantized, worst first. */
  readonly layers: readonly { readonly node: string; readonly operator: string; readonly sqnrDb: number | null }[];
  readonly sqnrDb: number | null;
  /** Why the result was not run as a whole; null where it was. */
  readonly notRun: string | null;
}

const alignment = 4096;
/** Smaller tensors stay in the model file. */
const smallBytes = 1024;
/** Freed buffers are collected after so many bytes: they lie outside the collector's heap, which sees no reason to run. */
const collectEvery = 192 * 2 ** 20;
const provenLayers = 6;

/** Same rules as in memory; bounded by the largest tensor and its quantized form. @throws AppError NOTHING_TO_QUANTIZE, BAD_MODEL, DISK_FULL */
export async function streamTask({ path, workDir, dataName, setting, threads }: { readonly path: string; readonly workDir: string; readonly dataName: string; readonly setting: StreamSetting; readonly threads: number }): Promise<Streamed> {
  const bytes = readBytes(path);
  const source = decodeModel(bytes);
  nameNodes(source.graph!);
  if (setting.kind === 'dynamic' && (opsetOf(source) ?? 0) < 11) throw new AppError('MODEL_UNSUPPORTED', 'Dynamic INT8 needs operator set 11, and this model is older.', { hint: 'Export the model with a newer operator set, or use int4-weights.' });
  const files = openExternalFiles(path);
  try {
    const locations = new Set([...eachGraph(source.graph!)].flatMap((graph) => graph.initializer.filter(isExternal).map((t) => externalPlaceOf(t).location)));
    const inputBytes = [...locations].reduce((sum, location) => sum + statSync(files.pathOf(location)).size, bytes.length);
    const dataPath = join(workDir, dataName);
    const outlet = openOutlet(dataPath, dataName);
    let result: RewriteResult;
    try {
      const load = loader(files);
      result = rewrite(source, setting, { load, store: outlet.store });
      if (!result.quantized.length) throw new AppError('NOTHING_TO_QUANTIZE', `No node of the model can be quantized by this recipe${becauseOf(result.kept[0])}.`);
      // What stays as it is moves over too: the result must not need the original's files.
      for (const graph of eachGraph(result.model.graph!)) graph.initializer = graph.initializer.map((tensor) => (isExternal(tensor) && externalPlaceOf(tensor).location !== dataName ? outlet.store(load(tensor)) : tensor));
    } catch (error) {
      outlet.close();
      rmSync(dataPath, { force: true });
      throw error;
    }
    outlet.close();
    result.model.producerName = 'millwright';
    const outPath = join(workDir, 'result.onnx');
    const { sha256, sizeBytes } = writeModel(outPath, result.model);
    collectGarbage();
    const layers = await proveLayers(source, result, setting, files, workDir, threads);
    const notRun = await runWhole(outPath, threads);
    const finite = layers.flatMap(({ noise, signal }) => (signal > 0 ? [noise / signal] : []));
    return {
      path: outPath, dataPath, sha256, sizeBytes: sizeBytes + statSync(dataPath).size, quantized: result.quantized, kept: result.kept, clamped: 0,
      inputSha256: createHash('sha256').update(bytes).digest('hex'), inputBytes, notRun,
      sqnrDb: finite.length ? decibels(finite.reduce((a, b) => a + b, 0) / finite.length) : null,
      layers: layers.map(({ node, operator, signal, noise }) => ({ node, operator, sqnrDb: decibels(noise / signal) })).sort((a, b) => (a.sqnrDb ?? Infinity) - (b.sqnrDb ?? Infinity)),
    };
  } finally { files.close(); }
}

const decibels = (share: number): number | null => (share === 0 ? null : decibelsOf(share));

function rewrite(model: ModelProto, setting: StreamSetting, storage?: TensorStorage): RewriteResult {
  return setting.kind === 'blocks' ? quantizeBlocks(model, setting.options, roundersOf(setting.rounding, new Map()), storage) : quantizeDynamic(model, setting.options, storage);
}

/** Brings an external tensor's bytes in; they are free again when the quantizer lets go of them. */
function loader(files: ExternalReader): (tensor: TensorProto) => TensorProto {
  let since = 0;
  return (tensor) => {
    if (!isExternal(tensor)) return tensor;
    if (since > collectEvery) { collectGarbage(); since = 0; }
    const rawData = readTensorBytes(tensor, files);
    since += rawData.length;
    return internalTensor(tensor, rawData);
  };
}

function openOutlet(path: string, location: string) {
  let file: number;
  try { file = openSync(path, 'w'); } catch (error) { throw translateFileError(error, path, 'write'); }
  let end = 0;
  return {
    store: (tensor: TensorProto): TensorProto => {
      const { rawData } = tensor;
      if (rawData.length < smallBytes) return tensor;
      try {
        const offset = appendAligned(file, end, rawData, alignment);
        end = offset + rawData.length;
        return externalTensor(tensor, location, offset);
      } catch (error) { throw translateFileError(error, path, 'write'); }
    },
    close: () => { closeSync(file); },
  };
}

interface LayerTotals { readonly node: string; readonly operator: string; readonly signal: number; readonly noise: number }

/** The original would not fit in memory, so products are run one by one: the largest and those spread over the model, original against quantized, on random input. */
async function proveLayers(source: ModelProto, result: RewriteResult, setting: StreamSetting, files: ExternalReader, workDir: string, threads: number): Promise<LayerTotals[]> {
  const nodes = new Map(source.graph!.node.map((node) => [node.name, node]));
  const products = result.quantized.filter(({ operator, scope }) => scope === '' && (operator === 'MatMul' || operator === 'Gemm'));
  const every = Math.max(1, Math.ceil(products.length / provenLayers));
  const totals: LayerTotals[] = [];
  for (const { node: name, operator } of products.filter((_, i) => i % every === 0)) {
    const single = singleNode(source, nodes.get(name)!, loader(files));
    if (!single) continue;
    const x = Float32Array.from((randomFeeds([{ name: 'x', type: 'float32', shape: [rows, single.inputs] }], 1, 1)?.['x']?.data ?? []) as Float32Array); // float32 was asked for
    const before = await runOnce(single.model, workDir, threads, single.input, x, single.inputs);
    const after = await runOnce(rewrite(single.model, setting).model, workDir, threads, single.input, x, single.inputs);
    totals.push({ node: name, operator, signal: before.reduce((sum, v) => sum + v * v, 0), noise: before.reduce((sum, v, i) => sum + (v - (after[i] ?? NaN)) ** 2, 0) });
    collectGarbage();
  }
  const broken = totals.find(({ noise }) => !Number.isFinite(noise));
  if (broken) throw new AppError('MODEL_UNSUPPORTED', `The quantized layer "${broken.node}" answers NaN or infinity where the original does not.`, { hint: 'Keep it in float with --exclude.' });
  return totals;
}

const rows = 4;

function singleNode(source: ModelProto, node: NodeProto, load: (tensor: TensorProto) => TensorProto): { readonly model: ModelProto; readonly input: string; readonly inputs: number } | null {
  const weights = source.graph!.initializer.filter((t) => node.input.includes(t.name)).map(load);
  const weight = weights.find((t) => t.name === node.input[1]);
  const [input = ''] = node.input;
  if (!weight || weight.dims.length !== 2 || node.input.slice(1).some((name) => name !== '' && !weights.some((t) => t.name === name))) return null;
  const transposed = node.attribute.some((a) => a.name === 'transB' && a.i !== 0n);
  const graph = create(GraphProtoSchema, { name: 'layer', node: [cloneNode(node)], initializer: weights, input: [outputInfo(input, dataTypes.float)], output: node.output.slice(0, 1).map((name) => outputInfo(name, dataTypes.float)) });
  return { model: create(ModelProtoSchema, { irVersion: source.irVersion, opsetImport: source.opsetImport, graph }), input, inputs: Number(weight.dims[transposed ? 1 : 0]) };
}

async function runOnce(model: ModelProto, workDir: string, threads: number, input: string, x: Float32Array, inputs: number): Promise<Float32Array> {
  const path = join(workDir, 'layer.onnx');
  writeModel(path, model);
  const session = await createNativeSession({ path, threads, spinning: false, once: true });
  try {
    const [answer] = Object.values(await session.run({ [input]: { type: 'float32', dims: [rows, inputs], data: x } }));
    return answer?.data instanceof Float32Array ? answer.data : new Float32Array(0);
  } finally {
    await session.release();
    rmSync(path, { force: true });
  }
}

/** Loads the result and runs it on random inputs. @returns null, or why it could not be run @throws AppError MODEL_UNSUPPORTED when it answers NaN or is refused */
async function runWhole(path: string, threads: number): Promise<string | null> {
  const session = await createNativeSession({ path, threads, spinning: false, once: true });
  try {
    const inputs = session.inputs.map(({ name, type, shape }) => ({ name, type: type ?? 'unknown', shape: [...shape] }));
    let reason = 'its inputs are of a type that cannot be made up';
    for (const size of openSizes) {
      const feeds = randomFeeds(inputs, size, 1);
      if (!feeds) break;
      try {
        const broken = Object.entries(await session.run(feeds)).find(([, { data }]) => data instanceof Float32Array && data.some((v) => !Number.isFinite(v)));
        if (broken) throw new AppError('MODEL_UNSUPPORTED', `The quantized model answers NaN or infinity in "${broken[0]}" on random inputs.`, { hint: 'Keep layers of large values in float with --exclude.' });
        return null;
      } catch (error) {
        if (error instanceof AppError && error.code === 'MODEL_UNSUPPORTED' && error.message.includes('NaN')) throw error;
        reason = error instanceof Error ? error.message : String(error);
      }
    }
    return reason;
  } finally { await session.release(); }
}
