// The weight of a MatMul or Gemm as one [k, n] matrix, with Gemm's factor and transposition worked in.
import { floatAttribute, intAttribute } from '../../onnx/graph/attributes.ts';
import type { NodeProto } from '../../onnx/schema/onnx_pb.ts';
import { dimsOf, floatsOf } from '../graph/protos.ts';
import type { Rewriter } from './rewriteScopes.ts';

export interface Matrix { readonly name: string; readonly data: Float32Array; readonly dims: readonly number[] }

export function transpose(data: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(data.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) result[c * rows + r] = data[r * columns + c]!;
  return result;
}

/** The constant right side of a MatMul or Gemm; a string says why there is none. */
export function matrixOf(node: NodeProto, rewriter: Rewriter): Matrix | string {
  const weight = rewriter.weightOf(node.input[1]);
  if (!weight) return 'its right side is not a constant weight';
  const dims = dimsOf(weight);
  if (dims.length < 2) return 'its weight is a vector';
  if (dims.some((d) => d === 0)) return 'its weight is empty';
  if (node.opType === 'MatMul') return { name: weight.name, data: floatsOf(weight), dims };
  if (intAttribute(node, 'transA', 0)) return 'its input is transposed';
  const alpha = floatAttribute(node, 'alpha', 1);
  const [rows, columns] = [dims[0]!, dims[1]!];
  const transposed = intAttribute(node, 'transB', 0) > 0;
  let data = transposed ? transpose(floatsOf(weight), rows, columns) : floatsOf(weight);
  if (alpha !== 1) data = data.map((x) => x * alpha);
  return { name: weight.name, data, dims: transposed ? [columns, rows] : dims };
}
