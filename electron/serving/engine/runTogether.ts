// Runs requests in one execution: concatenated along the first dimension, and taken apart after.
import type { TensorData, TensorValue } from '#shared/tensor';
import type { NativeSession } from '#services/inference/nativeSession';
import { datatypeOfElement } from '../protocol/datatypes.ts';
import type { InferRequest, ModelSignature, OutputTensor } from '../protocol/InferRequest.ts';
import { AppError } from '#shared/errors';
import { feedsOf } from './prepareInputs.ts';

/** Requests with the same key may run together. Null where the inputs of a request disagree about the number of samples. */
export function batchKey(request: InferRequest): string | null {
  const rows = request.inputs[0]?.shape[0];
  if (request.inputs.some(({ shape }) => shape[0] !== rows)) return null;
  return request.inputs.map(({ name, datatype, shape }) => `${name}:${datatype}:${shape.slice(1).join('x')}`).sort().join(' ');
}

export const rowsOf = (request: InferRequest): number => request.inputs[0]?.shape[0] ?? 1;

function concatenate(values: readonly TensorValue[]): TensorValue {
  const [first] = values;
  if (!first) throw new AppError('INTERNAL', 'An execution without a request.');
  const dims = [values.reduce((sum, { dims: [rows = 0] }) => sum + rows, 0), ...first.dims.slice(1)];
  if (Array.isArray(first.data)) return { type: first.type, dims, data: values.flatMap(({ data }) => data as readonly string[]) };
  const Kind = datatypeOfElement(first.type)?.Kind;
  if (!Kind) throw new AppError('INTERNAL', 'An input of a type that no protocol carries.');
  const data = new Kind(values.reduce((sum, { data: { length } }) => sum + length, 0));
  let at = 0;
  for (const value of values) {
    data.set(value.data as never, at); // all of one kind: the key says so
    at += value.data.length;
  }
  return { type: first.type, dims, data };
}

function sliceOf(data: TensorData, from: number, to: number): TensorData {
  return Array.isArray(data) ? data.slice(from, to) : (data as Uint8Array).subarray(from, to); // the same method on every kind of array
}

function outputTensor(name: string, { type, dims, data }: TensorValue): OutputTensor {
  const datatype = datatypeOfElement(type);
  if (!datatype) throw new AppError('MODEL_UNSUPPORTED', `Output "${name}" is ${type}, which no serving protocol carries.`);
  return { name, datatype: datatype.name, shape: dims, data };
}

/** The outputs of each request, in the order of the model. */
export async function runTogether(session: NativeSession, signature: ModelSignature, requests: readonly InferRequest[]): Promise<readonly (readonly OutputTensor[])[]> {
  const all = requests.some(({ outputs }) => outputs.length === 0);
  const fetches = signature.outputs.map(({ name }) => name).filter((name) => all || requests.some(({ outputs }) => outputs.some((one) => one.name === name)));
  const feedsOfAll = requests.map(feedsOf);
  const [only] = feedsOfAll;
  if (requests.length === 1 && only) {
    const results = await session.run(only, fetches);
    return [fetches.flatMap((name) => (results[name] ? [outputTensor(name, results[name])] : []))];
  }
  const feeds = Object.fromEntries(signature.inputs.map(({ name }) => [name, concatenate(feedsOfAll.flatMap((one) => (one[name] ? [one[name]] : [])))]));
  const results = await session.run(feeds, fetches);
  const rows = requests.map(rowsOf);
  const total = rows.reduce((sum, count) => sum + count, 0);
  let start = 0;
  return rows.map((count) => {
    const outputs = fetches.flatMap((name) => {
      const result = results[name];
      if (!result) return [];
      if (result.dims[0] !== total) throw new AppError('MODEL_UNSUPPORTED', `Output "${name}" has ${result.dims[0]} rows for ${total} samples, so that the model cannot be batched.`, { hint: 'Switch batching off for this model.' });
      const each = total === 0 ? 0 : result.data.length / total;
      return [outputTensor(name, { type: result.type, dims: [count, ...result.dims.slice(1)], data: sliceOf(result.data, start * each, (start + count) * each) })];
    });
    start += count;
    return outputs;
  });
}
