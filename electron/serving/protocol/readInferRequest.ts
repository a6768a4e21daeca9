// Reads an inference request of the Open Inference Protocol: JSON, with tensors in it or in binary form behind it.
import { badInput } from './badInput.ts';
import { datatypeOf, type Datatype } from './datatypes.ts';
import type { InferData, InferRequest, InferTensor, ModelSignature, Parameters, RequestedOutput } from './InferRequest.ts';
import { readArray, readObject, readString, readValue, skipSpace, skipValue, type JsonCursor } from './JsonCursor.ts';
import { readJsonTensor } from './readJsonTensor.ts';
import { countOf, readOutputs, readParameters, readShape } from './readParts.ts';
import { tensorFromBytes } from './tensorBytes.ts';

interface Tail { readonly bytes: Uint8Array; at: number }

/** Moves behind the input at the cursor. `tail` holds the binary tensors in the order of the inputs. */
function readInput(cursor: JsonCursor, tail: Tail, known: ReadonlySet<string>): InferTensor {
  let name = '';
  let shape: number[] | null = null;
  let datatype: Datatype | null = null;
  let parameters: Parameters = {};
  let dataAt = -1;
  let data: InferData | null = null;
  const what = () => `input "${name}"`;
  readObject(cursor, 'An input', (field) => {
    switch (field) {
      case 'name':
        name = readString(cursor);
        if (!known.has(name)) throw badInput(`The model has no input "${name.slice(0, 60)}"; it has ${[...known].map((one) => `"${one}"`).join(', ')}.`);
        break;
      case 'shape': shape = readShape(cursor, what()); break;
      case 'datatype': {
        const text = readString(cursor);
        datatype = datatypeOf(text);
        if (!datatype) throw badInput(`The datatype "${text.slice(0, 24)}" of ${what()} is none of the protocol.`);
        break;
      }
      case 'parameters': parameters = readParameters(cursor, what()); break;
      case 'data':
        skipSpace(cursor);
        dataAt = cursor.at;
        // most clients write the data last, so that it is read in one pass
        if (shape && datatype && name !== '') data = readJsonTensor(cursor, datatype, shape, countOf(shape, what()), what());
        else skipValue(cursor);
        break;
      default: readValue(cursor);
    }
  });
  // the closure above assigns these, which the compiler does not see
  const found = { shape: shape as number[] | null, datatype: datatype as Datatype | null, data: data as InferData | null };
  if (name === '') throw badInput('An input of the request has no name.');
  if (!found.shape || !found.datatype) throw badInput(`The ${what()} has no ${found.shape ? 'datatype' : 'shape'}.`);
  const size = parameters['binary_data_size'];
  if (size !== undefined && dataAt >= 0) throw badInput(`The ${what()} has both "data" and "binary_data_size".`);
  if ('shared_memory_region' in parameters) throw badInput(`Shared memory, which ${what()} asks for, is not served here.`);
  const count = countOf(found.shape, what());
  if (size !== undefined) {
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) throw badInput(`The parameter "binary_data_size" of ${what()} must be a whole number.`);
    if (tail.at + size > tail.bytes.length) throw badInput(`The body ends before the ${size} bytes of ${what()}.`);
    found.data = tensorFromBytes(tail.bytes.subarray(tail.at, tail.at + size), found.datatype, count, what());
    tail.at += size;
  } else if (dataAt < 0) throw badInput(`The ${what()} has no data.`);
  found.data ??= readJsonTensor({ bytes: cursor.bytes, at: dataAt, end: cursor.end }, found.datatype, found.shape, count, what());
  return { name, datatype: found.datatype.name, shape: found.shape, data: found.data };
}

/** The first `jsonBytes` of the body are JSON. @throws BAD_INPUT with a sentence that names the place. */
export function readInferRequest(body: Uint8Array, jsonBytes: number, signature: ModelSignature): InferRequest {
  if (jsonBytes > body.length) throw badInput(`The header says that ${jsonBytes} bytes are JSON, and the body has ${body.length}.`);
  const bytes = Buffer.from(body.buffer, body.byteOffset, jsonBytes);
  const cursor: JsonCursor = { bytes, at: 0, end: bytes.length };
  const tail: Tail = { bytes: body.subarray(jsonBytes), at: 0 };
  const known = new Set(signature.inputs.map(({ name }) => name));
  const inputs: InferTensor[] = [];
  let id = '';
  let parameters: Parameters = {};
  let outputs: readonly RequestedOutput[] = [];
  let hasInputs = false;
  readObject(cursor, 'The request', (field) => {
    switch (field) {
      case 'id': id = readString(cursor); break;
      case 'parameters': parameters = readParameters(cursor, 'the request'); break;
      case 'inputs':
        hasInputs = true;
        readArray(cursor, '"inputs"', () => {
          const input = readInput(cursor, tail, known);
          if (inputs.some(({ name }) => name === input.name)) throw badInput(`The request gives input "${input.name}" twice.`);
          inputs.push(input);
        });
        break;
      case 'outputs': outputs = readOutputs(cursor); break;
      default: readValue(cursor);
    }
  });
  if (skipSpace(cursor) !== -1) throw badInput(`The request has more behind its JSON, at byte ${cursor.at}.`);
  if (tail.at !== tail.bytes.length) throw badInput(`The body has ${tail.bytes.length - tail.at} bytes more than its inputs.`);
  if (!hasInputs) throw badInput('The request has no "inputs".');
  return { id, parameters, inputs, outputs };
}
