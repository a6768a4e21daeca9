// Holds the inputs of a request against what the model takes: names, datatypes and shapes, before the runtime sees them.
import { badInput } from './badInput.ts';
import type { InferRequest, ModelSignature } from './InferRequest.ts';

const shown = (shape: readonly number[]) => `[${shape.join(', ')}]`;

export function checkInputs(request: InferRequest, signature: ModelSignature): void {
  for (const wanted of signature.inputs) {
    const given = request.inputs.find(({ name }) => name === wanted.name);
    if (!given) throw badInput(`Input "${wanted.name}" (${wanted.datatype}, shape ${shown(wanted.shape)}) is missing.`);
    if (given.datatype !== wanted.datatype) throw badInput(`Input "${wanted.name}" is given as ${given.datatype}, and the model takes ${wanted.datatype}.`);
    if (given.shape.length !== wanted.shape.length || wanted.shape.some((size, axis) => size !== -1 && size !== given.shape[axis])) throw badInput(`Input "${wanted.name}" is given with shape ${shown(given.shape)}, and the model takes ${shown(wanted.shape)}${wanted.shape.includes(-1) ? ', where -1 is free' : ''}.`);
  }
  for (const { name } of request.inputs) if (!signature.inputs.some((wanted) => wanted.name === name)) throw badInput(`The model has no input "${name.slice(0, 60)}"; it has ${signature.inputs.map((one) => `"${one.name}"`).join(', ')}.`);
  for (const { name } of request.outputs) if (!signature.outputs.some((one) => one.name === name)) throw badInput(`The model has no output "${name.slice(0, 60)}"; it has ${signature.outputs.map((one) => `"${one.name}"`).join(', ')}.`);
}
