// What a quantized file says of a tensor: the float tensor that its QuantizeLinear reads, and the range that the stored integers cover.
import { AppError } from '#shared/errors';
import type { ModelProto, NodeProto } from '../../onnx/schema/onnx_pb.ts';
import { readTensor } from '../../onnx/tensors/readTensor.ts';
import { dataTypes, floatsOf } from '../graph/protos.ts';
import { integerTypes, type IntegerTypeName } from '../numerics/integerTypes.ts';
import { rangeKey } from '../static/StaticOptions.ts';
import { initializerOf, nameNodes, nodeLabel, walkScopes, type Scope } from '../static/walkScopes.ts';

export interface StoredRange { readonly low: number; readonly high: number; readonly scale: number; readonly zeroPoint: number; readonly type: IntegerTypeName }
export interface FoundTensor { readonly role: 'output' | 'input'; readonly tensor: string; /** rangeKey of the float tensor. */ readonly key: string; /** null: kept in float. */ readonly stored: StoredRange | null }

/** Output and first input that is no weight, of a node named as receipts name it. Names the nodes of `model`. @throws AppError NOT_FOUND */
export function tensorsOfNode(model: ModelProto, label: string): FoundTensor[] {
  if (model.graph) nameNodes(model.graph);
  for (const scope of walkScopes(model)) {
    const node = scope.graph.node.find((one) => nodeLabel(scope, one) === label);
    if (!node) continue;
    const out = node.output[0];
    const into = node.input.find((name) => name !== '' && !isConstant(scope, name));
    return [...(out ? [found(scope, 'output', out)] : []), ...(into === undefined ? [] : [found(scope, 'input', into)])];
  }
  throw new AppError('NOT_FOUND', `The model has no node "${label}".`, { hint: 'Take a name from the layers in the receipt, or from the Models screen.' });
}

const makerOf = (scope: Scope, tensor: string): NodeProto | undefined => scope.graph.node.find((node) => node.output.includes(tensor));

/** A weight, also one that is stored as integers. */
function isConstant(scope: Scope, name: string): boolean {
  if (initializerOf(scope, name)) return true;
  const maker = makerOf(scope, name);
  return maker?.opType === 'Constant' || (maker?.opType === 'DequantizeLinear' && initializerOf(scope, maker.input[0] ?? '') !== null);
}

function found(scope: Scope, role: FoundTensor['role'], name: string): FoundTensor {
  const dequantize = makerOf(scope, name);
  const before = dequantize?.opType === 'DequantizeLinear' ? makerOf(scope, dequantize.input[0] ?? '') : undefined;
  const pair = before?.opType === 'QuantizeLinear' ? before : scope.graph.node.find((node) => node.opType === 'QuantizeLinear' && node.input[0] === name);
  const tensor = pair?.input[0] ?? name;
  return { role, tensor, key: rangeKey(scope.path, tensor), stored: pair ? rangeOf(scope, pair) : null };
}

function rangeOf(scope: Scope, pair: NodeProto): StoredRange | null {
  const [scales, zero] = [initializerOf(scope, pair.input[1] ?? '')?.tensor, initializerOf(scope, pair.input[2] ?? '')?.tensor];
  const scale = scales ? floatsOf(scales) : null;
  if (scale?.length !== 1) return null; // one for each channel is no range of the tensor
  const onnxType: number = zero?.dataType ?? dataTypes.uint8;
  const entry = (Object.keys(integerTypes) as IntegerTypeName[]).find((name) => integerTypes[name].onnxType === onnxType); // its keys are the names
  if (!entry) return null;
  const zeroPoint = zero ? Number(readTensor(zero).data[0] ?? 0) : 0;
  const { min, max } = integerTypes[entry].full;
  // As floats, since those are compared with it: the largest value seen in calibration would lie beyond its own range otherwise.
  return { low: Math.fround((min - zeroPoint) * scale[0]!), high: Math.fround((max - zeroPoint) * scale[0]!), scale: scale[0]!, zeroPoint, type: entry };
}
