// The signature that clients see, from what the session says of its inputs and outputs.
import { AppError } from '#shared/errors';
import type { ValueInfo } from '#services/inference/nativeSession';
import { datatypeOfElement } from '../protocol/datatypes.ts';
import type { ModelSignature, TensorSignature } from '../protocol/InferRequest.ts';

const size = (dim: number | string | null) => (typeof dim === 'number' && dim >= 0 ? dim : -1);

function tensorOf({ name, type, shape }: ValueInfo): TensorSignature {
  const datatype = type === null ? null : datatypeOfElement(type);
  if (!datatype) throw new AppError('MODEL_UNSUPPORTED', `"${name}" is ${type === null ? 'a sequence or map' : type}, which no serving protocol carries.`);
  return { name, datatype: datatype.name, shape: shape.map(size) };
}

export const signatureOf = ({ inputs, outputs }: { readonly inputs: readonly ValueInfo[]; readonly outputs: readonly ValueInfo[] }): ModelSignature => ({ inputs: inputs.map(tensorOf), outputs: outputs.map(tensorOf) });
