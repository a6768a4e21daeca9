// State inputs of a model kept for each sequence: what the model gave last is what it gets next, so that a client sends only its samples.
import { AppError } from '#shared/errors';
import { badInput } from '../protocol/badInput.ts';
import { datatypeOf } from '../protocol/datatypes.ts';
import type { InferRequest, InferTensor, ModelSignature, OutputTensor } from '../protocol/InferRequest.ts';

export interface Sequences {
  /** The request with its state; as it is where it belongs to no sequence. @throws BAD_INPUT for a sequence that was not started. */
  begin(request: InferRequest): InferRequest;
  /** Keeps the state for the next request, and answers the outputs that the client sees. */
  finish(request: InferRequest, outputs: readonly OutputTensor[]): readonly OutputTensor[];
}

/** Clients that never end their sequences must not fill the memory: the one unused for longest goes. */
const sequencesMax = 4096;

const sequenceOf = ({ parameters }: InferRequest): string | null => {
  const id = parameters['sequence_id'];
  return id === undefined || id === 0 || id === 0n || id === '' ? null : String(id);
};

/** `state` names for each state input the output that follows from it. @throws BAD_INPUT where the model has no such pair. */
export function createSequences(signature: ModelSignature, state: Readonly<Record<string, string>>): Sequences {
  const pairs = Object.entries(state).map(([inputName, outputName]) => {
    const input = signature.inputs.find(({ name }) => name === inputName), output = signature.outputs.find(({ name }) => name === outputName);
    const kind = input ? datatypeOf(input.datatype)?.Kind : null;
    if (!input || !output || !kind || input.datatype !== output.datatype) throw badInput(`The settings name "${inputName}" and "${outputName}" as state, and the model has no such pair of numbers.`);
    return { input, outputName, kind };
  });
  const kept = new Map<string, readonly InferTensor[]>();
  const zeros = () => pairs.map(({ input, kind }): InferTensor => {
    const shape = input.shape.map((size) => (size === -1 ? 1 : size));
    return { name: input.name, datatype: input.datatype, shape, data: new kind(shape.reduce((product, size) => product * size, 1)) };
  });
  const isState = (name: string) => pairs.some(({ outputName }) => outputName === name);
  return {
    begin(request) {
      const id = sequenceOf(request);
      if (id === null) return request;
      const starts = request.parameters['sequence_start'] === true;
      const before = starts ? zeros() : kept.get(id);
      if (!before) throw badInput(`The sequence ${id.slice(0, 60)} was not started here, or was forgotten; send "sequence_start" with its first request.`);
      const given = new Set(request.inputs.map(({ name }) => name));
      const wanted = pairs.map(({ outputName }) => outputName).filter((name) => !request.outputs.some((one) => one.name === name));
      const outputs = request.outputs.length === 0 ? request.outputs : [...request.outputs, ...wanted.map((name) => ({ name, binary: null, classes: 0 }))];
      return { ...request, inputs: [...request.inputs, ...before.filter(({ name }) => !given.has(name))], outputs };
    },
    finish(request, outputs) {
      const id = sequenceOf(request);
      if (id === null) return outputs;
      kept.delete(id);
      if (request.parameters['sequence_end'] !== true) {
        kept.set(id, pairs.map(({ input, outputName }): InferTensor => {
          const output = outputs.find(({ name }) => name === outputName);
          if (!output) throw new AppError('INTERNAL', 'A state was not computed.');
          return { name: input.name, datatype: input.datatype, shape: output.shape, data: output.data };
        }));
        for (const oldest of kept.keys()) {
          if (kept.size <= sequencesMax) break;
          kept.delete(oldest);
        }
      }
      return outputs.filter(({ name }) => !isState(name) || request.outputs.some((one) => one.name === name));
    },
  };
}
