// Weights stored small, computed in float: INT8 per channel or half precision in the file, restored by operators that the runtime folds when it loads the model.
import { makeNode, intAttribute } from '../../onnx/graph/attributes.ts';
import type { ModelProto, NodeProto } from '../../onnx/schema/onnx_pb.ts';
import { dataTypes, dimsOf, floatsOf, isDefaultDomain, tensorOver } from '../graph/protos.ts';
import { toFloat16Tensor } from '../numerics/float16.ts';
import { quantizeWeight } from '../numerics/quantizeValues.ts';
import { rewriteScopes, type Outcome, type Rewriter, type RewriteResult } from './rewriteScopes.ts';

/** How a node's weights are stored: `int8` a quarter of the bytes, `float16` half of them at 60 dB and more, `float32` as they are. */
export type WeightForm = 'int8' | 'float16' | 'float32';

export interface PackOptions {
  /** Nodes left as they are, by name, with the reason shown to the user. */
  readonly keep: ReadonlyMap<string, string>;
  /** By node name; `int8` where nothing is said. */
  readonly forms: ReadonlyMap<string, WeightForm>;
}

/** Inputs that hold weights, and the axis of their scales, by operator; -1 is the axis of the output channels. */
const weightInputs: Readonly<Record<string, readonly (readonly [index: number, axis: number])[]>> = {
  Conv: [[1, 0]], ConvTranspose: [[1, 1]], MatMul: [[1, -1]], Gemm: [[1, -1]], Gather: [[0, 0]], LSTM: [[1, 1], [2, 1]], GRU: [[1, 1], [2, 1]], RNN: [[1, 1], [2, 1]],
};
/** Below this the operators that restore a weight cost as much as they save. */
export const minElements = 256;

export const holdsWeights = (node: NodeProto): boolean => isDefaultDomain(node) && Object.hasOwn(weightInputs, node.opType);

/**
 * Cast and Mul instead of DequantizeLinear: the runtime folds constants through them once, at load, but leaves DequantizeLinear in the graph to be computed at every run.
 * Embeddings (Gather) are restored row by row instead, so that the table stays small in memory too.
 */
export function packWeights(source: ModelProto, { keep, forms }: PackOptions): RewriteResult {
  const done = new Map<string, string>();
  return rewriteScopes(source, keep, (node, rewriter): Outcome => {
    if (!holdsWeights(node)) return null;
    const form = forms.get(`${rewriter.scope.path}${node.name}`) ?? 'int8';
    if (form === 'float32') return { kept: 'its weights are sensitive to rounding' };
    if (node.opType === 'Gather') return packEmbedding(node, rewriter, form);
    let replaced = false;
    let kept: string | null = null;
    for (const [index, wanted] of weightInputs[node.opType]!) {
      const tensor = rewriter.weightOf(node.input[index]);
      if (!tensor || tensor.dims.length < 2) continue;
      const dims = dimsOf(tensor);
      if (tensor.dataType !== dataTypes.float || dims.reduce((a, b) => a * b, 1) < minElements) { kept = 'its weight is too small to gain'; continue; }
      const axis = wanted >= 0 ? wanted : node.opType === 'Gemm' ? (intAttribute(node, 'transB', 0) ? 0 : 1) : dims.length - 1;
      const key = `${rewriter.scope.path}\u0000${tensor.name}\u0000${axis}\u0000${form}`;
      let output = done.get(key);
      if (output === undefined) {
        output = restored(tensor.name, floatsOf(tensor), dims, axis, form, rewriter);
        done.set(key, output);
      }
      node.input[index] = output;
      replaced = true;
    }
    if (!replaced) return kept === null ? null : { kept };
    rewriter.emit(node);
    return 'replaced';
  });
}

function restored(name: string, data: Float32Array, dims: readonly number[], axis: number, form: 'int8' | 'float16', rewriter: Rewriter): string {
  const output = rewriter.fresh(`${name}_restored`);
  if (form === 'float16') {
    const half = rewriter.add(tensorOver(rewriter.fresh(`${name}_float16`), dataTypes.float16, dims, toFloat16Tensor(data).bits));
    rewriter.emit(makeNode('Cast', [half], [output], { name: `${name}_Cast`, attributes: { to: { int: dataTypes.float } } }));
    return output;
  }
  const { values, params } = quantizeWeight(data, dims, axis, { type: 'int8', symmetric: true });
  const stored = rewriter.add(tensorOver(rewriter.fresh(`${name}_quantized`), dataTypes.int8, dims, values as Int8Array<ArrayBuffer>)); // int8 was asked for
  const scale = rewriter.add(tensorOver(rewriter.fresh(`${name}_scale`), dataTypes.float, dims.map((d, i) => (i === axis ? d : 1)), Float32Array.from(params, (p) => p.scale)));
  const cast = rewriter.fresh(`${name}_float`);
  rewriter.emit(makeNode('Cast', [stored], [cast], { name: `${name}_Cast`, attributes: { to: { int: dataTypes.float } } }));
  rewriter.emit(makeNode('Mul', [cast, scale], [output], { name: `${name}_Mul` }));
  return output;
}

/** Rows are picked first, and only those are restored: the whole table never is. */
export function packEmbedding(node: NodeProto, rewriter: Rewriter, form: 'int8' | 'float16'): Outcome {
  const tensor = rewriter.weightOf(node.input[0]);
  const [output] = node.output;
  if (!tensor || !output || tensor.dims.length < 2) return null;
  const dims = dimsOf(tensor);
  if (tensor.dataType !== dataTypes.float || dims.reduce((a, b) => a * b, 1) < minElements) return { kept: 'its weight is too small to gain' };
  if (intAttribute(node, 'axis', 0) !== 0) return { kept: 'it picks along an inner axis' };
  const indices = node.input[1]!;
  const data = floatsOf(tensor);
  const pick = (from: string, to: string) => rewriter.emit(makeNode('Gather', [from, indices], [to], { name: rewriter.fresh(`${node.name}_${to}`), attributes: { axis: { int: 0 } } }));
  const rows = rewriter.fresh(`${output}_rows`);
  if (form === 'float16') {
    pick(rewriter.add(tensorOver(rewriter.fresh(`${tensor.name}_float16`), dataTypes.float16, dims, toFloat16Tensor(data).bits)), rows);
    rewriter.emit(makeNode('Cast', [rows], [output], { name: `${node.name}_Cast`, attributes: { to: { int: dataTypes.float } } }));
    return 'replaced';
  }
  const { values, params } = quantizeWeight(data, dims, 0, { type: 'int8', symmetric: true });
  const [float, scales] = [rewriter.fresh(`${output}_float`), rewriter.fresh(`${output}_scales`)];
  pick(rewriter.add(tensorOver(rewriter.fresh(`${tensor.name}_quantized`), dataTypes.int8, dims, values as Int8Array<ArrayBuffer>)), rows); // int8 was asked for
  pick(rewriter.add(tensorOver(rewriter.fresh(`${tensor.name}_scale`), dataTypes.float, dims.map((d, i) => (i === 0 ? d : 1)), Float32Array.from(params, (p) => p.scale))), scales);
  rewriter.emit(makeNode('Cast', [rows], [float], { name: `${node.name}_Cast`, attributes: { to: { int: dataTypes.float } } }));
  rewriter.emit(makeNode('Mul', [float, scales], [output], { name: `${node.name}_Mul` }));
  return 'replaced';
}
