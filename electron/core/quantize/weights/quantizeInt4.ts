// INT4 weights in blocks, activations stay float: MatMul and Gemm become com.microsoft MatMulNBits.
import { floatAttribute, makeNode } from '../../onnx/graph/attributes.ts';
import { setOpset } from '../../onnx/graph/opsets.ts';
import type { ModelProto } from '../../onnx/schema/onnx_pb.ts';
import { contribDomain, dataTypes, isDefaultDomain, tensorOver } from '../graph/protos.ts';
import { packNBits } from '../numerics/packNBits.ts';
import { matrixOf } from './matrices.ts';
import { scaledBias } from './quantizeDynamic.ts';
import { rewriteScopes, type Outcome, type RewriteResult, type TensorStorage } from './rewriteScopes.ts';

export interface Int4Options {
  readonly blockSize: 16 | 32 | 64 | 128 | 256;
  readonly symmetric: boolean;
  readonly keep: ReadonlyMap<string, string>;
}

/** Round to nearest, no data needed. Gemm too: pre-processing turns MatMul+Add into Gemm, which the reference then skips in silence. */
export function quantizeInt4(source: ModelProto, { blockSize, symmetric, keep }: Int4Options, storage?: TensorStorage): RewriteResult {
  const result = rewriteScopes(source, keep, (node, rewriter): Outcome => {
    if (!isDefaultDomain(node) || (node.opType !== 'MatMul' && node.opType !== 'Gemm')) return null;
    if (rewriter.scope.types.get(node.input[0] ?? '') !== dataTypes.float) return { kept: 'its input is not float32' };
    const matrix = matrixOf(node, rewriter);
    if (typeof matrix === 'string') return { kept: matrix };
    const [k = 0, n = 0] = matrix.dims;
    if (matrix.dims.length !== 2) return { kept: 'its weight has more than two dimensions' };
    const packed = packNBits(matrix.data, k, n, blockSize, symmetric);
    const name = `${matrix.name}_Q4`;
    const inputs = [
      node.input[0]!,
      rewriter.add(tensorOver(rewriter.fresh(name), dataTypes.uint8, [n, packed.blocks, blockSize / 2], packed.packed as Uint8Array<ArrayBuffer>)),
      rewriter.add(tensorOver(rewriter.fresh(`${name}_scales`), dataTypes.float, [n, packed.blocks], packed.scales as Float32Array<ArrayBuffer>)),
      ...(packed.zeroPoints ? [rewriter.add(tensorOver(rewriter.fresh(`${name}_zero_points`), dataTypes.uint8, [n, Math.ceil(packed.blocks / 2)], packed.zeroPoints as Uint8Array<ArrayBuffer>))] : []),
    ];
    const [output = ''] = node.output;
    const bias = node.opType === 'Gemm' ? node.input[2] : undefined;
    const beta = floatAttribute(node, 'beta', 1);
    const hasBias = Boolean(bias) && beta !== 0;
    const product = hasBias ? rewriter.fresh(`${output}_before_bias`) : output;
    rewriter.emit(makeNode('MatMulNBits', inputs, [product], { name: `${node.name}_Q4`, domain: contribDomain, attributes: { K: { int: k }, N: { int: n }, bits: { int: 4 }, block_size: { int: blockSize } } }));
    if (hasBias) rewriter.emit(makeNode('Add', [product, scaledBias(node, bias!, beta, rewriter)], [output], { name: `${node.name}_bias_add` }));
    return 'replaced';
  }, storage);
  if (result.quantized.length) setOpset(result.model, contribDomain, 1);
  return result;
}
