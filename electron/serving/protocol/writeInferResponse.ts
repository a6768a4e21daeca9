// Writes an answer of the Open Inference Protocol: JSON, and behind it the tensors that were asked for in binary form.
import type { TensorData } from '#shared/tensor';
import { badInput } from './badInput.ts';
import { classify } from './classify.ts';
import { datatypeOf } from './datatypes.ts';
import type { InferRequest, ModelIdentity, OutputTensor, ParameterValue } from './InferRequest.ts';
import { bytesOfTensor } from './tensorBytes.ts';

export interface WrittenResponse {
  readonly body: Uint8Array;
  /** Null where all is JSON. */
  readonly jsonBytes: number | null;
}

/** Row-major and flat. What JSON has no number for (NaN, infinity) becomes null; the binary form keeps it. */
export function jsonOfTensor(data: TensorData, isBool: boolean): string {
  if (isBool) return `[${Array.from(data as Uint8Array, (value) => value === 1).join(',')}]`; // BOOL is held in bytes
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return `[${data.join(',')}]`;
  if (data instanceof Float32Array || data instanceof Float64Array) return JSON.stringify(Array.from(data));
  return Array.isArray(data) ? JSON.stringify(data) : `[${(data as Uint8Array).join(',')}]`; // whole numbers are left
}

const echoed = (value: ParameterValue) => (typeof value === 'bigint' ? String(value) : JSON.stringify(value));

/** The outputs that were asked for, in that order, with classes in place of values where these were asked for. */
export function selectOutputs(outputs: readonly OutputTensor[], request: InferRequest, model: ModelIdentity): OutputTensor[] {
  if (request.outputs.length === 0) return [...outputs];
  return request.outputs.flatMap(({ name, classes }) => {
    const output = outputs.find((one) => one.name === name);
    return output ? [classes > 0 ? classify(output, classes, model) : output] : [];
  });
}

export function writeInferResponse(outputs: readonly OutputTensor[], request: InferRequest, model: ModelIdentity): WrittenResponse {
  const binaryDefault = request.parameters['binary_data_output'] === true;
  const tails: Uint8Array[] = [];
  const parts = selectOutputs(outputs, request, model).map(({ name, datatype, shape, data }) => {
    const binary = request.outputs.find((one) => one.name === name)?.binary ?? binaryDefault;
    const head = `{"name":${JSON.stringify(name)},"datatype":"${datatype}","shape":[${shape.join(',')}]`;
    if (!binary) {
      if (datatypeOf(datatype)?.json === null) throw badInput(`The datatype ${datatype} of output "${name}" has no JSON form; ask for it with "binary_data".`);
      return `${head},"data":${jsonOfTensor(data, datatype === 'BOOL')}}`;
    }
    const bytes = bytesOfTensor(data);
    tails.push(bytes);
    return `${head},"parameters":{"binary_data_size":${bytes.length}}}`;
  });
  const id = request.id === '' ? '' : `,"id":${JSON.stringify(request.id)}`;
  const sequence = request.parameters['sequence_id'] === undefined ? '' : `,"parameters":{"sequence_id":${echoed(request.parameters['sequence_id'])}}`;
  const json = Buffer.from(`{"model_name":${JSON.stringify(model.name)},"model_version":${JSON.stringify(model.version)}${id}${sequence},"outputs":[${parts.join(',')}]}`);
  if (tails.length === 0) return { body: json, jsonBytes: null };
  const body = Buffer.allocUnsafeSlow(json.length + tails.reduce((sum, { length }) => sum + length, 0));
  let at = json.copy(body, 0);
  for (const bytes of tails) {
    body.set(bytes, at);
    at += bytes.length;
  }
  return { body, jsonBytes: json.length };
}
