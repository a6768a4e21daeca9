// A copy of an INT8 model in which each operator has a weight and a zero point of its own: the form that the runtime's exact sums need. Works on the bytes, so that the serving runtime needs no decoder of models.
import { freshNames } from '#core/onnx/graph/freshNames';
import { weightInputs } from './exactSumsObstacle.ts';
import { externalLocation, graphFields as graph, holdsGraph, int8, modelFields as model, nodeFields as nodes, tensorFields as tensors, valueName } from './onnxFields.ts';

/** One field of a message: all its bytes, and those of its value where it has a length. */
interface Field { readonly number: number; readonly whole: Buffer; readonly value: Buffer; readonly varint: number }
/** Names as Latin-1, which keeps each byte of them. */
interface Node { name: string; readonly opType: string; readonly inputs: string[]; readonly outputs: string[]; readonly others: readonly Field[] }
interface Tensor { readonly dataType: number; readonly dims: readonly number[]; readonly fields: readonly Field[] }

function readVarint(bytes: Buffer, at: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let shift = 1, i = at; shift <= 2 ** 63; shift *= 128, i++) {
    const byte = bytes[i];
    if (byte === undefined) throw new RangeError('the model ends');
    value += (byte & 127) * shift;
    if (byte < 128) return { value, next: i + 1 };
  }
  throw new RangeError('a number is too long');
}

function fieldsOf(bytes: Buffer): Field[] {
  const fields: Field[] = [];
  for (let at = 0; at < bytes.length;) {
    const start = at, tag = readVarint(bytes, at), wire = tag.value % 8, number = Math.floor(tag.value / 8);
    let value = bytes.subarray(0, 0), varint = 0;
    at = tag.next;
    if (wire === 0) ({ value: varint, next: at } = readVarint(bytes, at));
    else if (wire === 1 || wire === 5) at += wire === 1 ? 8 : 4;
    else if (wire === 2) {
      const length = readVarint(bytes, at);
      at = length.next + length.value;
      value = bytes.subarray(length.next, at);
    } else throw new RangeError('a field has an unknown form');
    if (at > bytes.length) throw new RangeError('the model ends');
    fields.push({ number, whole: bytes.subarray(start, at), value, varint });
  }
  return fields;
}

function varintOf(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) { bytes.push(rest); return Buffer.from(bytes); }
    bytes.push((rest % 128) + 128);
  }
}

const numberField = (number: number, value: number): Buffer => Buffer.concat([varintOf(number * 8), varintOf(value)]);
const bytesField = (number: number, ...parts: readonly Buffer[]): Buffer => Buffer.concat([varintOf(number * 8 + 2), varintOf(parts.reduce((sum, { length }) => sum + length, 0)), ...parts]);
const textField = (number: number, text: string): Buffer => bytesField(number, Buffer.from(text, 'latin1'));
const textOf = (fields: readonly Field[], wanted: number): string => fields.find(({ number }) => number === wanted)?.value.toString('latin1') ?? '';

function readNode(bytes: Buffer): Node {
  const fields = fieldsOf(bytes);
  const texts = (wanted: number) => fields.flatMap(({ number, value }) => (number === wanted ? [value.toString('latin1')] : []));
  return { name: textOf(fields, nodes.name), opType: textOf(fields, nodes.opType), inputs: texts(nodes.input), outputs: texts(nodes.output), others: fields.filter(({ number }) => number > nodes.name) };
}

const writeNode = ({ name, inputs, outputs, others }: Node): Buffer => bytesField(graph.node, ...inputs.map((input) => textField(nodes.input, input)), ...outputs.map((output) => textField(nodes.output, output)), ...name === '' ? [] : [textField(nodes.name, name)], ...others.map(({ whole }) => whole));

function readTensor(bytes: Buffer): Tensor & { readonly name: string } {
  const fields = fieldsOf(bytes);
  const dims = fields.flatMap(({ number, value, varint, whole }) => (number !== tensors.dims ? [] : (whole[0]! % 8 === 0 ? [varint] : packed(value))));
  if (fields.some(({ number, varint }) => number === tensors.dataLocation && varint === externalLocation)) throw new RangeError('a weight lies in a file of its own');
  return { name: textOf(fields, tensors.name), dataType: fields.find(({ number }) => number === tensors.dataType)?.varint ?? 0, dims, fields };
}

function packed(bytes: Buffer): number[] {
  const values: number[] = [];
  for (let at = 0; at < bytes.length;) { const { value, next } = readVarint(bytes, at); values.push(value); at = next; }
  return values;
}

const copyOf = ({ fields }: Tensor, name: string): Buffer => bytesField(graph.initializer, ...fields.filter(({ number }) => number !== tensors.name).map(({ whole }) => whole), textField(tensors.name, name));
const zerosOf = (dims: readonly number[], name: string): Buffer => bytesField(graph.initializer, ...dims.map((dim) => numberField(tensors.dims, dim)), numberField(tensors.dataType, int8), textField(tensors.name, name), bytesField(tensors.rawData, Buffer.alloc(dims.reduce((a, b) => a * b, 1))));

/** What all graphs of a model share: names are new in all of them, and a weight of an outer graph may be read within. */
interface Whole { readonly used: Set<string>; readonly fresh: (wanted: string) => string }

/** The graphs in an attribute: of a branch or a body. */
const graphsIn = ({ number, value }: Field): Field[] => (number === nodes.attribute ? fieldsOf(value).filter((part) => holdsGraph(part.number)) : []);

/** The runtime makes a DequantizeLinear for each reader, all with one weight: here each reader has one from the beginning. What equal names in another branch bear gets a name of its own. */
function dequantizeForEach(all: readonly Node[], weights: ReadonlyMap<string, Tensor>, answered: ReadonlySet<string>, { used, fresh }: Whole): Node[] {
  const nested = all.some(({ others }) => others.some((field) => graphsIn(field).length > 0));
  return all.flatMap((node) => {
    const [output = ''] = node.outputs;
    if (node.opType !== 'DequantizeLinear' || weights.get(node.inputs[0] ?? '')?.dataType !== int8) return [node];
    const readers = all.filter(({ inputs }) => inputs.includes(output));
    const kept = answered.has(output) || nested;
    const again = used.has(output) && !kept;
    used.add(output);
    const rename = (reader: Node): string => {
      const own = fresh(output);
      reader.inputs.forEach((input, i) => { if (input === output) reader.inputs[i] = own; });
      return own;
    };
    const [first, ...others] = readers;
    if (again && first) node.outputs[0] = rename(first);
    return [node, ...(kept ? readers : others).map((reader): Node => ({ ...node, name: node.name === '' ? '' : fresh(node.name), inputs: [...node.inputs], outputs: [rename(reader)] }))];
  });
}

/** @returns the weights and zero points to add; changes the inputs of nodes */
function ownWeights(all: readonly Node[], weights: ReadonlyMap<string, Tensor>, { used, fresh }: Whole): Buffer[] {
  const added: Buffer[] = [];
  for (const { opType, inputs } of all) for (const [weight, zeroPoint] of weightInputs[opType] ?? []) {
    if (weights.get(inputs[weight] ?? '')?.dataType !== int8) continue;
    const scales = opType === 'DequantizeLinear' && (inputs[zeroPoint] ?? '') === '' ? weights.get(inputs[1] ?? '') : undefined;
    if (scales && scales.dims.length > 0) {
      inputs[zeroPoint] = fresh(`${inputs[weight]}_zero_point`);
      added.push(zerosOf(scales.dims, inputs[zeroPoint]));
    }
    for (const at of [weight, zeroPoint]) {
      const name = inputs[at] ?? '', tensor = weights.get(name);
      if (name === '' || !tensor) continue;
      if (used.has(name)) {
        inputs[at] = fresh(name);
        added.push(copyOf(tensor, inputs[at]));
      }
      used.add(name);
    }
  }
  return added;
}

/** A nested graph is the value of an attribute. */
const withNested = (node: Node, mend: (graph: Buffer) => Buffer): Node => ({ ...node, others: node.others.map((field) => {
  if (graphsIn(field).length === 0) return field;
  return { ...field, whole: bytesField(nodes.attribute, ...fieldsOf(field.value).map((part) => (holdsGraph(part.number) ? bytesField(part.number, mend(part.value)) : part.whole))) };
}) });

function mendGraph(bytes: Buffer, outer: ReadonlyMap<string, Tensor>, whole: Whole): Buffer {
  const fields = fieldsOf(bytes);
  const own = fields.flatMap(({ number, value }) => { if (number !== graph.initializer) return []; const { name, ...tensor } = readTensor(value); return [[name, tensor] as const]; });
  const weights = new Map([...outer, ...own]);
  const answered = new Set(fields.flatMap(({ number, value }) => (number === graph.output ? [textOf(fieldsOf(value), valueName)] : [])));
  const changed = dequantizeForEach(fields.flatMap(({ number, value }) => (number === graph.node ? [readNode(value)] : [])), weights, answered, whole);
  const added = ownWeights(changed, weights, whole);
  const mended = changed.map((node) => writeNode(withNested(node, (nested) => mendGraph(nested, weights, whole))));
  return Buffer.concat([...mended, ...fields.filter(({ number }) => number !== graph.node).map((field) => field.whole), ...added]);
}

/** Of nodes, values and weights, those of nested graphs too. */
function namesIn(bytes: Buffer): string[] {
  return fieldsOf(bytes).flatMap(({ number, value }) => {
    if (number === graph.initializer) return [textOf(fieldsOf(value), tensors.name)];
    if (number !== graph.node) return [];
    const { name, inputs, outputs, others } = readNode(value);
    return [name, ...inputs, ...outputs, ...others.flatMap(graphsIn).flatMap((nested) => namesIn(nested.value))];
  });
}

/** @throws RangeError for what is no model, and for weights in files of their own */
export function exactSumsCopy(bytes: Buffer): Buffer {
  const top = fieldsOf(bytes);
  const main = top.filter(({ number }) => number === model.graph);
  if (main.length !== 1) throw new RangeError('a model has one graph');
  const { value } = main[0]!;
  return Buffer.concat([...top.filter(({ number }) => number !== model.graph).map(({ whole }) => whole), bytesField(model.graph, mendGraph(value, new Map(), { used: new Set(), fresh: freshNames(namesIn(value)) }))]);
}
