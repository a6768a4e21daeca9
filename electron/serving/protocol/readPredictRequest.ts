// Reads the predict request of TensorFlow Serving, which Vertex AI and KServe's first protocol share: rows in "instances", or columns in "inputs".
import { badInput } from './badInput.ts';
import { datatypeOf, type Datatype } from './datatypes.ts';
import type { InferData, InferRequest, InferTensor, ModelSignature, TensorSignature } from './InferRequest.ts';
import { code, readArray, readObject, readString, readValue, skipSpace, skipValue, type JsonCursor } from './JsonCursor.ts';
import { readJsonTensor } from './readJsonTensor.ts';
import { countOf } from './readParts.ts';

const depthMax = 16;

/** The sizes of nested arrays, by their first elements; the reader of the values finds what is ragged. */
export function shapeOfNested(from: JsonCursor): number[] {
  const cursor: JsonCursor = { bytes: from.bytes, at: from.at, end: from.end };
  const shape: number[] = [];
  while (skipSpace(cursor) === code.open) {
    if (shape.length >= depthMax) throw badInput(`The data is nested deeper than ${depthMax} levels.`);
    const start = cursor.at + 1;
    let count = 0;
    readArray(cursor, 'The data', () => { skipValue(cursor); count++; });
    shape.push(count);
    cursor.at = start;
    if (count === 0) break;
  }
  return shape;
}

function datatypeFor({ name, datatype }: TensorSignature): Datatype {
  const known = datatypeOf(datatype);
  if (!known || known.json === null) throw badInput(`Input "${name}" is ${datatype}, which has no JSON form.`);
  return known;
}

/** One value: nested arrays, a single one, or `{"b64": …}`. */
function readOne(cursor: JsonCursor, signature: TensorSignature): { readonly shape: readonly number[]; readonly data: InferData } {
  const what = `input "${signature.name}"`;
  const first = skipSpace(cursor);
  if (first === code.openObject) {
    let text: string | null = null;
    readObject(cursor, `The value of ${what}`, (field) => {
      if (field === 'b64' && skipSpace(cursor) === code.quote) text = readString(cursor);
      else readValue(cursor);
    });
    if (text === null) throw badInput(`The value of ${what} must be an array, a number, text, or {"b64": TEXT}.`);
    return { shape: [], data: [Buffer.from(text, 'base64')] };
  }
  const datatype = first === code.quote ? datatypeOf('BYTES')! : datatypeFor(signature); // text may be an image for a model of numbers
  if (first === code.open) {
    const shape = shapeOfNested(cursor);
    return { shape, data: readJsonTensor(cursor, datatype, shape, countOf(shape, what), what) };
  }
  const start = cursor.at;
  skipValue(cursor);
  const bytes = Buffer.concat([Buffer.from('['), cursor.bytes.subarray(start, cursor.at), Buffer.from(']')]);
  return { shape: [], data: readJsonTensor({ bytes, at: 0, end: bytes.length }, datatype, [1], 1, what) };
}

const isBytes = (data: InferData) => Array.isArray(data);

/** A model that takes [batch, 1] is also given single values. */
const fitted = (shape: readonly number[], { shape: wanted }: TensorSignature): readonly number[] => (shape.length === wanted.length - 1 && (wanted.at(-1) === 1 || wanted.at(-1) === -1) ? [...shape, 1] : shape);

function tensorOf(signature: TensorSignature, shape: readonly number[], data: InferData): InferTensor {
  return { name: signature.name, datatype: isBytes(data) ? 'BYTES' : signature.datatype, shape: isBytes(data) && signature.datatype !== 'BYTES' ? shape : fitted(shape, signature), data };
}

function stack(signature: TensorSignature, rows: readonly { readonly shape: readonly number[]; readonly data: InferData }[]): InferTensor {
  const what = `input "${signature.name}"`;
  const [first] = rows;
  if (!first) throw badInput(`The "instances" are empty.`);
  if (rows.some(({ shape }) => shape.length !== first.shape.length || shape.some((size, axis) => size !== first.shape[axis]))) throw badInput(`The instances give ${what} different shapes.`);
  const shape = [rows.length, ...first.shape];
  if (isBytes(first.data)) return tensorOf(signature, shape, rows.flatMap(({ data }) => data as readonly string[]));
  const Kind = datatypeFor(signature).Kind;
  if (!Kind || rows.some(({ data }) => isBytes(data))) throw badInput(`The instances give ${what} values of different kinds.`);
  const data = new Kind(rows.length * first.data.length);
  for (const [index, row] of rows.entries()) data.set(row.data as never, index * first.data.length); // all of one kind, as just checked
  return tensorOf(signature, shape, data);
}

function inputNamed(signature: ModelSignature, name: string): TensorSignature {
  const input = signature.inputs.find((one) => one.name === name);
  if (!input) throw badInput(`The model has no input "${name.slice(0, 60)}"; it has ${signature.inputs.map((one) => `"${one.name}"`).join(', ')}.`);
  return input;
}

function onlyInput({ inputs }: ModelSignature): TensorSignature {
  const [input] = inputs;
  if (!input || inputs.length !== 1) throw badInput(`The model has ${inputs.length} inputs, so that each value needs its name.`);
  return input;
}

function readInstances(cursor: JsonCursor, signature: ModelSignature): InferTensor[] {
  const start = cursor.at;
  let named = false;
  if (skipSpace(cursor) === code.open) {
    const peek: JsonCursor = { bytes: cursor.bytes, at: cursor.at + 1, end: cursor.end };
    if (skipSpace(peek) === code.openObject) {
      const key: JsonCursor = { ...peek, at: peek.at + 1 };
      named = skipSpace(key) === code.quote && readString(key) !== 'b64';
      if (!named) return [stackInstances(cursor, onlyInput(signature))];
    } else if (skipSpace(peek) === code.quote) return [stackInstances(cursor, onlyInput(signature))];
  }
  if (!named) { // one array of all rows is read in one pass
    cursor.at = start;
    const input = onlyInput(signature);
    const shape = shapeOfNested(cursor);
    return [tensorOf(input, shape, readJsonTensor(cursor, datatypeFor(input), shape, countOf(shape, 'the instances'), 'the instances'))];
  }
  const rows = new Map<string, { shape: readonly number[]; data: InferData }[]>();
  let count = 0;
  readArray(cursor, '"instances"', () => {
    count++;
    readObject(cursor, 'An instance', (name) => {
      const all = rows.get(name) ?? [];
      all.push(readOne(cursor, inputNamed(signature, name)));
      rows.set(name, all);
    });
  });
  for (const [name, all] of rows) if (all.length !== count) throw badInput(`Input "${name}" is not in every instance.`);
  return [...rows].map(([name, all]) => stack(inputNamed(signature, name), all));
}

function stackInstances(cursor: JsonCursor, input: TensorSignature): InferTensor {
  const rows: { shape: readonly number[]; data: InferData }[] = [];
  readArray(cursor, '"instances"', () => { rows.push(readOne(cursor, input)); });
  return stack(input, rows);
}

function readColumns(cursor: JsonCursor, signature: ModelSignature): InferTensor[] {
  if (skipSpace(cursor) !== code.openObject) {
    const input = onlyInput(signature);
    const { shape, data } = readOne(cursor, input);
    return [tensorOf(input, shape, data)];
  }
  const tensors: InferTensor[] = [];
  readObject(cursor, '"inputs"', (name) => {
    const input = inputNamed(signature, name);
    const { shape, data } = readOne(cursor, input);
    tensors.push(tensorOf(input, shape, data));
  });
  return tensors;
}

/** `columns` in the parameters says that the answer is to be in columns too; `instances` how many rows it must have. */
export function readPredictRequest(body: Uint8Array, signature: ModelSignature): InferRequest {
  const cursor: JsonCursor = { bytes: Buffer.from(body.buffer, body.byteOffset, body.length), at: 0, end: body.length };
  const found: { inputs: InferTensor[] | null; columns: boolean } = { inputs: null, columns: false };
  readObject(cursor, 'The request', (field) => {
    if (field !== 'instances' && field !== 'inputs') { readValue(cursor); return; }
    if (found.inputs) throw badInput('The request has both "instances" and "inputs".');
    found.columns = field === 'inputs';
    found.inputs = found.columns ? readColumns(cursor, signature) : readInstances(cursor, signature);
  });
  if (skipSpace(cursor) !== -1) throw badInput(`The request has more behind its JSON, at byte ${cursor.at}.`);
  if (!found.inputs) throw badInput('The request has neither "instances" nor "inputs".');
  return { id: '', parameters: found.columns ? { columns: true } : { instances: found.inputs[0]?.shape[0] ?? 0 }, inputs: found.inputs, outputs: [] };
}

/** Whether a JSON body of unknown form is a predict request: it has "instances", or "inputs" that are no list of tensors. */
export function isPredictRequest(body: Uint8Array): boolean {
  const cursor: JsonCursor = { bytes: Buffer.from(body.buffer, body.byteOffset, body.length), at: 0, end: body.length };
  let predict = false;
  readObject(cursor, 'The request', (field) => {
    if (field === 'instances') predict = true;
    if (field === 'inputs' && skipSpace(cursor) === code.openObject) predict = true;
    skipValue(cursor);
  });
  return predict;
}
