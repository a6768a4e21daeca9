// Weights in blocks of 4 or 8 bits, activations stay float: products by com.microsoft MatMulNBits or by the standard's DequantizeLinear, embeddings by GatherBlockQuantized.
import { floatAttribute, intAttribute, makeNode } from '../../onnx/graph/attributes.ts';
import { opsetOf, setOpset } from '../../onnx/graph/opsets.ts';
import type { ModelProto, NodeProto } from '../../onnx/schema/onnx_pb.ts';
import { middleCode, type BlockScheme, type ColumnRounder } from '../blocks/BlockScheme.ts';
import { packBlocks, packNibbles, roundBlocks, type BlockWeight } from '../blocks/packBlocks.ts';
import { contribDomain, dataTypes, dimsOf, floatsOf, isDefaultDomain, tensorOver } from '../graph/protos.ts';
import { rangeKey } from '../static/StaticOptions.ts';
import { initializerOf, walkScopes, type Scope } from '../static/walkScopes.ts';
import { matrixOf } from './matrices.ts';
import { minElements, packEmbedding } from './packWeights.ts';
import { scaledBias } from './quantizeDynamic.ts';
import { rewriteScopes, type Outcome, type Rewriter, type RewriteResult, type TensorStorage } from './rewriteScopes.ts';

export interface BlockOptions extends BlockScheme {
  /** `nbits`: the runtime's own operators, whose kernels multiply with the blocks · `qdq`: operators of ONNX 21 alone, for other runtimes too. */
  readonly format: 'nbits' | 'qdq';
  /** Tables that Gather picks rows of as well; the Python reference leaves them. */
  readonly embeddings: boolean;
  readonly keep: ReadonlyMap<string, string>;
}

/** The operator set in which DequantizeLinear learned blocks and INT4. */
export const blockwiseOpset = 21;

/** How a weight is rounded: by the rangeKeys of all that it is multiplied with, or null for a table. */
export type RounderOf = (inputs: readonly string[] | null) => ColumnRounder;

/** Gemm too: pre-processing turns MatMul+Add into Gemm, which the reference then skips in silence. `qdq` wants a model of opset 21. */
export function quantizeBlocks(source: ModelProto, options: BlockOptions, rounderOf: RounderOf, storage?: TensorStorage): RewriteResult {
  let contrib = false;
  const inputs = inputsByWeight(source);
  const result = rewriteScopes(source, options.keep, (node, rewriter): Outcome => {
    if (!isDefaultDomain(node)) return null;
    if (node.opType === 'Gather' && options.embeddings) {
      const outcome = blockEmbedding(node, rewriter, options, rounderOf);
      contrib ||= outcome === 'replaced' && options.bits === 4;
      return outcome;
    }
    if (node.opType !== 'MatMul' && node.opType !== 'Gemm') return null;
    if (rewriter.scope.types.get(node.input[0] ?? '') !== dataTypes.float) return { kept: 'its input is not float32' };
    const matrix = matrixOf(node, rewriter);
    if (typeof matrix === 'string') return { kept: matrix };
    const [k = 0, n = 0] = matrix.dims;
    if (matrix.dims.length !== 2) return { kept: 'its weight has more than two dimensions' };
    const rounded = roundBlocks(matrix.data, k, n, options, rounderOf(inputs.get(weightUse(node, rewriter.scope) ?? '') ?? []));
    const [output = ''] = node.output;
    const bias = node.opType === 'Gemm' ? node.input[2] : undefined;
    const beta = floatAttribute(node, 'beta', 1);
    const hasBias = Boolean(bias) && beta !== 0;
    const product = hasBias ? rewriter.fresh(`${output}_before_bias`) : output;
    if (options.format === 'nbits') emitNBits(node, rewriter, matrix.name, rounded, k, n, options, product);
    else emitDequantized(node, rewriter, matrix.name, rounded, k, n, options, product);
    contrib ||= options.format === 'nbits';
    if (hasBias) rewriter.emit(makeNode('Add', [product, scaledBias(node, bias!, beta, rewriter)], [output], { name: `${node.name}_bias_add` }));
    return 'replaced';
  }, storage);
  if (contrib && opsetOf(result.model, contribDomain) === null) setOpset(result.model, contribDomain, 1);
  return result;
}

/** The weight of a product and how it lies in it; null where it is no constant. */
function weightUse(node: NodeProto, scope: Scope): string | null {
  const weight = node.input[1] ? initializerOf(scope, node.input[1]) : null;
  return weight && JSON.stringify([weight.scope.path, weight.tensor.name, node.opType === 'Gemm' && intAttribute(node, 'transB', 0) > 0, node.opType === 'Gemm' ? floatAttribute(node, 'alpha', 1) : 1]);
}

/** What each weight is multiplied with: operators that share one get equal bytes, which are stored once. */
function inputsByWeight(model: ModelProto): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const scope of walkScopes(model)) for (const node of scope.graph.node) {
    if (!isDefaultDomain(node) || (node.opType !== 'MatMul' && node.opType !== 'Gemm')) continue;
    const use = weightUse(node, scope), key = rangeKey(scope.path, node.input[0]!);
    const known = use === null ? null : found.get(use);
    if (known && !known.includes(key)) known.push(key);
    else if (use !== null && !known) found.set(use, [key]);
  }
  return found;
}

function emitNBits(node: NodeProto, rewriter: Rewriter, weight: string, rounded: BlockWeight, k: number, n: number, options: BlockOptions, output: string): void {
  const { bits, blockSize } = options;
  const { packed, scales, zeroPoints, blocks } = packBlocks(rounded, k, n, options);
  const name = `${weight}_Q${bits}`;
  const inputs = [
    node.input[0]!,
    rewriter.add(tensorOver(rewriter.fresh(name), dataTypes.uint8, [n, blocks, (blockSize * bits) / 8], packed as Uint8Array<ArrayBuffer>)),
    rewriter.add(tensorOver(rewriter.fresh(`${name}_scales`), dataTypes.float, [n, blocks], scales as Float32Array<ArrayBuffer>)),
    ...(zeroPoints ? [rewriter.add(tensorOver(rewriter.fresh(`${name}_zero_points`), dataTypes.uint8, [n, zeroPoints.length / n], zeroPoints as Uint8Array<ArrayBuffer>))] : []),
  ];
  rewriter.emit(makeNode('MatMulNBits', inputs, [output], { name: `${node.name}_Q${bits}`, domain: contribDomain, attributes: { K: { int: k }, N: { int: n }, bits: { int: bits }, block_size: { int: blockSize } } }));
}

/** The weight as [k, n] codes with scales and zero points [blocks, n]: signed around zero where it is symmetric. */
function emitDequantized(node: NodeProto, rewriter: Rewriter, weight: string, { codes, scales, zeroPoints, blocks }: BlockWeight, k: number, n: number, { bits, blockSize, symmetric }: BlockOptions, output: string): void {
  const type = bits === 4 ? (symmetric ? dataTypes.int4 : dataTypes.uint4) : (symmetric ? dataTypes.int8 : dataTypes.uint8);
  const shift = symmetric ? middleCode({ bits }) : 0;
  const raw = (values: Uint8Array): Uint8Array<ArrayBuffer> => (bits === 4 ? packNibbles(values) : values) as Uint8Array<ArrayBuffer>;
  const transposed = <T extends Uint8Array | Float32Array>(from: T, to: T, width: number, less: number): T => {
    for (let column = 0; column < n; column++) for (let row = 0; row < width; row++) to[row * n + column] = from[column * width + row]! - less;
    return to;
  };
  const name = `${weight}_Q${bits}`;
  const restored = rewriter.fresh(`${weight}_restored`);
  const inputs = [
    rewriter.add(tensorOver(rewriter.fresh(name), type, [k, n], raw(transposed(codes, new Uint8Array(codes.length), k, shift)))),
    rewriter.add(tensorOver(rewriter.fresh(`${name}_scales`), dataTypes.float, [blocks, n], transposed(scales, new Float32Array(scales.length), blocks, 0) as Float32Array<ArrayBuffer>)),
    ...(symmetric ? [] : [rewriter.add(tensorOver(rewriter.fresh(`${name}_zero_points`), type, [blocks, n], raw(transposed(zeroPoints, new Uint8Array(zeroPoints.length), blocks, 0))))]),
  ];
  rewriter.emit(makeNode('DequantizeLinear', inputs, [restored], { name: `${weight}_DequantizeLinear`, attributes: { axis: { int: 0 }, block_size: { int: blockSize } } }));
  rewriter.emit(makeNode('MatMul', [node.input[0]!, restored], [output], { name: node.name }));
}

/** Rows are picked and restored together: the table stays small in memory. */
function blockEmbedding(node: NodeProto, rewriter: Rewriter, options: BlockOptions, rounderOf: RounderOf): Outcome {
  if (options.bits === 8) return packEmbedding(node, rewriter, 'int8');
  const tensor = rewriter.weightOf(node.input[0]);
  const [output] = node.output;
  if (!tensor || !output || tensor.dims.length !== 2) return null;
  const [n = 0, k = 0] = dimsOf(tensor);
  if (tensor.dataType !== dataTypes.float || n * k < minElements) return { kept: 'its weight is too small to gain' };
  if (intAttribute(node, 'axis', 0) !== 0) return { kept: 'it picks along an inner axis' };
  if (options.format === 'qdq') return { kept: 'the standard has no operator that picks rows of blocks' };
  const { codes, scales, zeroPoints, blocks } = roundBlocks(floatsOf(tensor), k, n, options, rounderOf(null), 'nk');
  const name = `${tensor.name}_Q4`;
  const inputs = [
    rewriter.add(tensorOver(rewriter.fresh(name), dataTypes.uint4, [n, k], packNibbles(codes) as Uint8Array<ArrayBuffer>)),
    node.input[1]!,
    rewriter.add(tensorOver(rewriter.fresh(`${name}_scales`), dataTypes.float, [n, blocks], scales as Float32Array<ArrayBuffer>)),
    rewriter.add(tensorOver(rewriter.fresh(`${name}_zero_points`), dataTypes.uint4, [n, blocks], packNibbles(zeroPoints) as Uint8Array<ArrayBuffer>)),
  ];
  rewriter.emit(makeNode('GatherBlockQuantized', inputs, [output], { name: `${node.name}_Q4`, domain: contribDomain, attributes: { gather_axis: { int: 0 }, quantize_axis: { int: 1 }, block_size: { int: options.blockSize } } }));
  return 'replaced';
}
