// Writes the answer to a predict request: a row for each instance, or a column for each output.
import { badInput } from './badInput.ts';
import type { InferRequest, ModelIdentity, OutputTensor } from './InferRequest.ts';
import { datatypeOf } from './datatypes.ts';
import type { WrittenResponse } from './writeInferResponse.ts';

function elementText(data: OutputTensor['data'], index: number, isBool: boolean): string {
  const value = data[index];
  if (isBool) return value === 1 ? 'true' : 'false';
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value);
}

/** The elements from `start` on, in brackets as the shape says. */
function nested({ data, datatype }: OutputTensor, shape: readonly number[], start: number): string {
  const [size, ...rest] = shape;
  if (size === undefined) return elementText(data, start, datatype === 'BOOL');
  const step = rest.reduce((product, one) => product * one, 1);
  return `[${Array.from({ length: size }, (_, index) => nested({ data, datatype } as OutputTensor, rest, start + index * step)).join(',')}]`; // name and shape are not looked at
}

export function writePredictions(outputs: readonly OutputTensor[], request: InferRequest, _model: ModelIdentity): WrittenResponse {
  const silent = outputs.find(({ datatype }) => datatypeOf(datatype)?.json === null);
  if (silent) throw badInput(`Output "${silent.name}" is ${silent.datatype}, which has no JSON form.`);
  const [only] = outputs;
  const single = outputs.length === 1 && only ? only : null;
  let text: string;
  if (request.parameters['columns'] === true) {
    text = `{"outputs":${single ? nested(single, single.shape, 0) : `{${outputs.map((output) => `${JSON.stringify(output.name)}:${nested(output, output.shape, 0)}`).join(',')}}`}}`;
  } else {
    const rows = only?.shape[0] ?? 0;
    const instances = request.parameters['instances'] ?? rows;
    const odd = outputs.find(({ shape }) => shape[0] !== instances);
    if (odd) throw badInput(`Output "${odd.name}" has ${odd.shape[0] ?? 'no'} rows for ${instances} instances; send the request with "inputs" instead of "instances".`);
    const row = (output: OutputTensor, index: number) => nested(output, output.shape.slice(1), rows === 0 ? 0 : index * (output.data.length / rows));
    text = `{"predictions":[${Array.from({ length: rows }, (_, index) => (single ? row(single, index) : `{${outputs.map((output) => `${JSON.stringify(output.name)}:${row(output, index)}`).join(',')}}`)).join(',')}]}`;
  }
  return { body: Buffer.from(text), jsonBytes: null };
}
