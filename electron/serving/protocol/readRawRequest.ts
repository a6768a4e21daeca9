// Reads the raw form: the body is nothing but the bytes of the model's only input.
import { badInput } from './badInput.ts';
import { datatypeOf } from './datatypes.ts';
import type { InferRequest, ModelSignature } from './InferRequest.ts';
import { tensorFromBytes } from './tensorBytes.ts';

/** A batch of one is implied, and one further dimension may follow from the length. */
export function readRawRequest(body: Uint8Array, signature: ModelSignature): InferRequest {
  const [input] = signature.inputs;
  if (!input || signature.inputs.length !== 1) throw badInput(`The raw form is for models with one input; this one has ${signature.inputs.length}.`);
  const datatype = datatypeOf(input.datatype);
  if (!datatype) throw badInput(`The datatype of input "${input.name}" has no binary form.`);
  const what = `input "${input.name}"`;
  const shape = input.shape.map((size, axis) => (axis === 0 && size === -1 ? 1 : size));
  if (datatype.Kind === null) return { id: '', parameters: { binary_data_output: true }, inputs: [{ name: input.name, datatype: input.datatype, shape: shape.map(() => 1), data: [body] }], outputs: [] };
  const open = shape.flatMap((size, axis) => (size === -1 ? [axis] : []));
  if (open.length > 1) throw badInput(`The raw form cannot tell the shape of ${what}, of which ${open.length} dimensions are open.`);
  const rest = shape.reduce((product, size) => (size === -1 ? product : product * size), 1) * datatype.sizeBytes;
  if (open[0] !== undefined) {
    if (rest === 0 || body.length % rest !== 0) throw badInput(`The body has ${body.length} bytes, which is no multiple of the ${rest} that ${what} takes for each step.`);
    shape[open[0]] = body.length / rest;
  }
  return { id: '', parameters: { binary_data_output: true }, inputs: [{ name: input.name, datatype: input.datatype, shape, data: tensorFromBytes(body, datatype, shape.reduce((product, size) => product * size, 1), what) }], outputs: [] };
}
