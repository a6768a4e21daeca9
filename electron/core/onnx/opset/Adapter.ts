// What an opset adapter is given: one node of an old opset, and the means to rewrite it so that it means the same in the next.
import type { NodeProto } from '../schema/onnx_pb.ts';
import type { GraphView } from '../GraphView.ts';
import type { InferredTypes } from '../inferTypes.ts';
import { makeTensor } from '../tensors/makeTensor.ts';
import { dataTypeOf } from '../tensors/dataTypes.ts';
import { AppError } from '#shared/errors';

export interface AdapterContext {
  readonly node: NodeProto;
  readonly view: GraphView;
  readonly types: InferredTypes;
}

/** Changes the node in place; throws Refusal when the new opset cannot say the same. */
export type Adapter = (context: AdapterContext) => void;

/** Why a node cannot be raised. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** Adds an int64 vector as an initializer and answers its name. */
export function int64Input({ view, node }: AdapterContext, role: string, values: readonly (number | bigint)[], scalar = false): string {
  const name = view.uniqueName(`${node.output[0] || node.opType}_${role}`);
  view.addInitializer(makeTensor(name, { type: 'int64', dims: scalar ? [] : [values.length], data: BigInt64Array.from(values, (value) => BigInt(value)) }));
  return name;
}

/** Adds floats of the element type of the node's first input: what attributes could not say and inputs must. */
export function floatInput(context: AdapterContext, role: string, values: readonly number[], options: { readonly scalar?: boolean; readonly type?: 'float32' } = {}): string {
  const { view, node, types } = context;
  const elemType = types.typeOf(node.input[0] ?? '', view.graph)?.elemType ?? 0;
  const element = options.type ?? dataTypeOf(elemType)?.element;
  const dims = options.scalar ? [] : [values.length];
  const name = view.uniqueName(`${node.output[0] || node.opType}_${role}`);
  if (element === 'float32') view.addInitializer(makeTensor(name, { type: element, dims, data: Float32Array.from(values) }));
  else if (element === 'float64') view.addInitializer(makeTensor(name, { type: element, dims, data: Float64Array.from(values) }));
  else if (element === 'int64') view.addInitializer(makeTensor(name, { type: element, dims, data: BigInt64Array.from(values, (value) => BigInt(Math.trunc(value))) }));
  else if (element === 'int32') view.addInitializer(makeTensor(name, { type: element, dims, data: Int32Array.from(values) }));
  else throw new Refusal(`the element type of its input is ${element ?? 'not known'}, so its ${role} cannot be written as an input`);
  return name;
}

/** Puts a name at an input position, filling those before it with "" (absent). */
export function setInput(node: NodeProto, index: number, name: string): void {
  while (node.input.length < index) node.input.push('');
  node.input[index] = name;
}

/** The numbers of a constant input, or null when it is computed at run time. */
export function constantNumbers({ view, types }: AdapterContext, name: string, read: (tensor: NonNullable<ReturnType<GraphView['constantOf']>>) => ArrayLike<number | bigint | string>): number[] | null {
  const tensor = view.constantOf(name);
  if (!tensor) {
    const known = types.intsOf(name, view.graph)?.values;
    return known?.every((value) => typeof value === 'number') ? known.map(Number) : null;
  }
  try {
    return Array.from(read(tensor), Number);
  } catch (error) {
    if (error instanceof AppError) return null; // damaged or external: as good as unknown here
    throw error;
  }
}
