// INT8 weights per channel behind a DequantizeLinear, activations stay float: saves three quarters of the weights at almost no loss.
import { makeNode, intAttribute } from '../../onnx/graph/attributes.ts';
import { opsetOf, setOpset } from '../../onnx/graph/opsets.ts';
import type { ModelProto } from '../../onnx/schema/onnx_pb.ts';
import { contribDomain, dataTypes, dimsOf, floatsOf, isDefaultDomain, tensorOver } from '../graph/protos.ts';
import { quantizeWeight } from '../numerics/quantizeValues.ts';
import { rewriteScopes, type Outcome, type RewriteResult } from './rewriteScopes.ts';

/** Inputs that hold weights, and the axis of their scales, by operator. */
const weightInputs: Readonly<Record<string, readonly (readonly [index: number, axis: number])[]>> = {
  Conv: [[1, 0]], ConvTranspose: [[1, 1]], MatMul: [[1, -1]], Gemm: [[1, -1]], Gather: [[0, 0]], LSTM: [[1, 1], [2, 1]], GRU: [[1, 1], [2, 1]], RNN: [[1, 1], [2, 1]],
};
/** Below this a scale costs as much as it saves. */
const minElements = 256;

export function quantizeWeightsInt8(source: ModelProto, keep: ReadonlyMap<string, string>): RewriteResult {
  const domain = (opsetOf(source) ?? 0) < 13 ? contribDomain : '';
  const done = new Map<string, string>();
  const result = rewriteScopes(source, keep, (node, rewriter): Outcome => {
    const places = isDefaultDomain(node) && Object.hasOwn(weightInputs, node.opType) ? weightInputs[node.opType]! : [];
    let replaced = false;
    let kept: string | null = null;
    for (const [index, wanted] of places) {
      const tensor = rewriter.weightOf(node.input[index]);
      if (!tensor || tensor.dims.length < 2) continue;
      const dims = dimsOf(tensor);
      if (tensor.dataType !== dataTypes.float || dims.reduce((a, b) => a * b, 1) < minElements) { kept = 'its weight is too small to gain'; continue; }
      const last = node.opType === 'Gemm' ? (intAttribute(node, 'transB', 0) ? 0 : 1) : dims.length - 1;
      const axis = wanted < 0 ? last : wanted;
      const key = `${rewriter.scope.path}\u0000${tensor.name}\u0000${axis}`;
      let output = done.get(key);
      if (output === undefined) {
        const { values, params } = quantizeWeight(floatsOf(tensor), dims, axis, { type: 'int8', symmetric: true });
        output = rewriter.fresh(`${tensor.name}_DequantizeLinear_Output`);
        const inputs = [
          rewriter.add(tensorOver(rewriter.fresh(`${tensor.name}_quantized`), dataTypes.int8, dims, values as Int8Array<ArrayBuffer>)),
          rewriter.add(tensorOver(rewriter.fresh(`${tensor.name}_scale`), dataTypes.float, [params.length], Float32Array.from(params, (p) => p.scale))),
          rewriter.add(tensorOver(rewriter.fresh(`${tensor.name}_zero_point`), dataTypes.int8, [params.length], new Int8Array(params.length))),
        ];
        rewriter.emit(makeNode('DequantizeLinear', inputs, [output], { name: `${tensor.name}_DequantizeLinear`, attributes: { axis: { int: axis } }, ...(domain ? { domain } : {}) }));
        done.set(key, output);
      }
      node.input[index] = output;
      replaced = true;
    }
    if (!replaced) return kept === null ? null : { kept };
    rewriter.emit(node);
    return 'replaced';
  });
  if (domain && result.quantized.length) setOpset(result.model, domain, 1);
  return result;
}
