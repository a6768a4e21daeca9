// Readers of the small parts that every form of a request shares: parameters, shapes and names.
import { badInput } from './badInput.ts';
import type { Parameters, ParameterValue, RequestedOutput } from './InferRequest.ts';
import { code, readArray, readObject, readString, readValue, skipSpace, type JsonCursor } from './JsonCursor.ts';

const ranksMax = 16;
const sizeMax = 2 ** 40;

export function checkShape(shape: readonly unknown[], what: string): number[] {
  if (shape.length > ranksMax) throw badInput(`The shape of ${what} has more than ${ranksMax} dimensions.`);
  return shape.map((size) => {
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0 || size > sizeMax) throw badInput(`The shape of ${what} must be made of whole numbers that are not negative.`);
    return size;
  });
}

/** The number of elements; refuses products that no memory holds. */
export function countOf(shape: readonly number[], what: string): number {
  const count = shape.reduce((product, size) => product * size, 1);
  if (count > sizeMax) throw badInput(`The shape [${shape.join(', ')}] of ${what} is too large.`);
  return count;
}

export function readShape(cursor: JsonCursor, what: string): number[] {
  const value = readValue(cursor);
  if (!Array.isArray(value)) throw badInput(`The shape of ${what} must be an array.`);
  return checkShape(value, what);
}

/** A whole number beyond what a double holds exactly, as the id of a sequence may be; null, and the cursor where it was, for all else. */
function readWhole(cursor: JsonCursor): bigint | null {
  const first = skipSpace(cursor);
  if (first !== code.minus && !(first >= code.zero && first <= code.nine)) return null;
  const start = cursor.at;
  let at = start + 1;
  for (let byte = cursor.bytes[at] ?? 0; at < cursor.end && byte >= code.zero && byte <= code.nine; byte = cursor.bytes[at] ?? 0) at++;
  const next = cursor.bytes[at];
  if (at - start < 16 || at - start > 40 || next === code.dot || next === code.e || next === code.upperE) return null;
  const text = cursor.bytes.toString('latin1', start, at);
  if (Number.isSafeInteger(Number(text)) || (first === code.zero && at - start > 1)) return null;
  cursor.at = at;
  return BigInt(text);
}

export function readParameters(cursor: JsonCursor, what: string): Parameters {
  const parameters: Record<string, ParameterValue> = {};
  readObject(cursor, `The parameters of ${what}`, (name) => {
    const value = readWhole(cursor) ?? readValue(cursor);
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean' && typeof value !== 'bigint') throw badInput(`The parameter "${name.slice(0, 60)}" of ${what} must be text, a number, true or false.`);
    Object.defineProperty(parameters, name, { value, enumerable: true });
  });
  return parameters;
}

export function outputOf(name: string, parameters: Parameters): RequestedOutput {
  const what = `output "${name}"`;
  const { binary_data: binary, classification } = parameters;
  if (binary !== undefined && typeof binary !== 'boolean') throw badInput(`The parameter "binary_data" of ${what} must be true or false.`);
  const classes = classification === undefined ? 0 : Number(classification);
  if (!Number.isInteger(classes) || classes < 0) throw badInput(`The parameter "classification" of ${what} must be a whole number.`);
  if ('shared_memory_region' in parameters) throw badInput(`Shared memory, which ${what} asks for, is not served here.`);
  return { name, binary: binary ?? null, classes };
}

export function readOutputs(cursor: JsonCursor): RequestedOutput[] {
  const outputs: RequestedOutput[] = [];
  readArray(cursor, '"outputs"', () => {
    let name: string | null = null;
    let parameters: Parameters = {};
    readObject(cursor, 'An output', (field) => {
      if (field === 'name') name = readString(cursor);
      else if (field === 'parameters') parameters = readParameters(cursor, 'an output');
      else readValue(cursor);
    });
    if (name === null) throw badInput('An output of the request has no name.');
    if (outputs.some((one) => one.name === name)) throw badInput(`The request names output "${String(name)}" twice.`);
    outputs.push(outputOf(name, parameters));
  });
  return outputs;
}
