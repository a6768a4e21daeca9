// What is in the way of the runtime's exact sums in a model, read from the file without its weights.
import { readSync } from 'node:fs';
import { attributeFields as attributes, graphFields as graph, holdsGraph, int8, modelFields as model, nodeFields as nodes, tensorFields as tensors, valueName } from './onnxFields.ts';

const windowBytes = 65_536;
/** No graph is nested deeper in earnest. */
const mostNested = 64;

interface Field { readonly number: number; readonly value: number; /** Of a field with a length: where its bytes end. */ readonly end: number | null }
interface Constant { readonly name: string; readonly dataType: number; readonly rank: number }
interface Use { readonly weight: string; readonly zeroPoint: string; /** Of a DequantizeLinear, of which the runtime makes one for each reader. */ readonly output: string | null }
/** Of all graphs: DequantizeLinear nodes without a zero point, weights and zero points where the option stores them anew, how often each value is read, and the constants. */
interface Found { readonly unpaired: { readonly weight: string; readonly scale: string }[]; readonly uses: Use[]; readonly readers: Map<string, number>; readonly constants: Map<string, Constant> }

/** Where operators have an INT8 weight and its zero point. */
export const weightInputs: Readonly<Record<string, readonly (readonly [weight: number, zeroPoint: number])[]>> = {
  DequantizeLinear: [[0, 2]], MatMulInteger: [[1, 3]], QLinearMatMul: [[3, 5]], QLinearConv: [[3, 5]],
  QGemm: [[3, 5]], MatMulIntegerToFloat: [[1, 5]], DynamicQuantizeMatMul: [[1, 3]], QAttention: [[1, 7]], DynamicQuantizeLSTM: [[1, 9], [2, 11]],
};

/** A file through a window, of which what is skipped is never read; or a model in memory. */
class ModelCursor {
  at = 0;
  private readonly window: Buffer;
  private from = 0;
  private filled: number;
  constructor(private readonly source: number | Buffer) {
    this.window = typeof source === 'number' ? Buffer.alloc(windowBytes) : source;
    this.filled = typeof source === 'number' ? 0 : source.length;
  }

  private byte(): number {
    if (this.at < this.from || this.at >= this.from + this.filled) {
      this.from = this.at;
      this.filled = typeof this.source === 'number' ? readSync(this.source, this.window, 0, windowBytes, this.at) : 0;
      if (this.filled === 0) throw new RangeError('the model ends');
    }
    return this.window[this.at++ - this.from]!;
  }

  varint(): number {
    let value = 0;
    for (let shift = 1; shift <= 2 ** 63; shift *= 128) {
      const byte = this.byte();
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
    throw new RangeError('a number is too long');
  }

  text(end: number): string {
    const length = Math.min(end - this.at, 4096), first = this.at - this.from;
    if (first >= 0 && first + length <= this.filled) return this.window.toString('latin1', first, first + length);
    const bytes = Buffer.alloc(length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = this.byte();
    return bytes.toString('latin1');
  }

  /** The fields of a message, one after another; the cursor stands at a field's bytes while it is looked at, and after them when the next is asked for. */
  *fields(end: number): Generator<Field> {
    while (this.at < end) {
      const tag = this.varint(), number = Math.floor(tag / 8), wire = tag % 8;
      if (wire === 2) {
        const length = this.varint(), until = this.at + length;
        yield { number, value: length, end: until };
        this.at = until;
      } else if (wire === 0) yield { number, value: this.varint(), end: null };
      else if (wire === 1 || wire === 5) { this.at += wire === 1 ? 8 : 4; yield { number, value: 0, end: null }; }
      else throw new RangeError('a field has an unknown form');
    }
  }
}

function readNode(cursor: ModelCursor, end: number, found: Found, depth: number): void {
  const inputs: string[] = [];
  let opType = '', output = '', constant: Constant | null = null;
  for (const field of cursor.fields(end)) {
    if (field.end === null) continue;
    if (field.number === nodes.input) inputs.push(cursor.text(field.end));
    else if (field.number === nodes.output) output ||= cursor.text(field.end);
    else if (field.number === nodes.opType) opType = cursor.text(field.end);
    else if (field.number === nodes.attribute) for (const inner of cursor.fields(field.end)) {
      if (inner.end === null) continue;
      if (inner.number === attributes.tensor) constant = readTensor(cursor, inner.end);
      else if (holdsGraph(inner.number)) readGraph(cursor, inner.end, found, depth + 1);
    }
  }
  if (opType === 'Constant' && constant) found.constants.set(output, constant);
  for (const name of new Set(inputs)) found.readers.set(name, (found.readers.get(name) ?? 0) + 1);
  for (const [weight, zeroPoint] of weightInputs[opType] ?? []) found.uses.push({ weight: inputs[weight] ?? '', zeroPoint: inputs[zeroPoint] ?? '', output: opType === 'DequantizeLinear' ? output : null });
  const [weight = '', scale = '', zeroPoint = ''] = inputs;
  if (opType === 'DequantizeLinear' && zeroPoint === '') found.unpaired.push({ weight, scale });
}

function readTensor(cursor: ModelCursor, end: number): Constant {
  let rank = 0, dataType = 0, name = '';
  for (const field of cursor.fields(end)) {
    if (field.number === tensors.dims) {
      if (field.end === null) rank++;
      else for (; cursor.at < field.end; rank++) cursor.varint();
    } else if (field.number === tensors.dataType) dataType = field.value;
    else if (field.number === tensors.name && field.end !== null) name = cursor.text(field.end);
  }
  return { name, dataType, rank };
}

function readGraph(cursor: ModelCursor, end: number, found: Found, depth: number): void {
  if (depth > mostNested) throw new RangeError('graphs are nested too deep');
  for (const field of cursor.fields(end)) {
    if (field.end === null) continue;
    if (field.number === graph.node) readNode(cursor, field.end, found, depth);
    else if (field.number === graph.initializer) {
      const constant = readTensor(cursor, field.end);
      found.constants.set(constant.name, constant);
    } else if (field.number === graph.output) for (const inner of cursor.fields(field.end)) {
      if (inner.number !== valueName || inner.end === null) continue;
      const name = cursor.text(inner.end);
      found.readers.set(name, (found.readers.get(name) ?? 0) + 1);
    }
  }
}

/** INT8 weights and zero points that the option would store more than once, under one name. */
function sharesWeights({ uses, readers, constants }: Found): boolean {
  const stored = new Map<string, number>();
  for (const { weight, zeroPoint, output } of uses) {
    if (constants.get(weight)?.dataType !== int8) continue;
    const times = output === null ? 1 : Math.max(1, readers.get(output) ?? 0);
    for (const name of [weight, zeroPoint]) if (name !== '') stored.set(name, (stored.get(name) ?? 0) + times);
  }
  return [...stored.values()].some((times) => times > 1);
}

export type ExactSumsObstacle = 'no zero point' | 'shared weights';

/**
 * What keeps the runtime from adding this model's products of 8 bits exactly (exactSums.ts).
 * INT8 constants without a zero point get one of a single value, and where their scales are many (per channel, blocks) and the node is not fused away, DequantizeLinear refuses to run.
 * What the option stores is named after the constant, so that a weight or zero point that several operators read keeps the model from loading ("Attempt to replace the existing tensor"). Both in 1.30 and 1.32.
 * @param source descriptor and size of a file, or a model's bytes
 * @returns which of them the model would meet first, null for none; also null for what cannot be read, for the runtime tells what is wrong with it
 */
export function obstacleIn(source: { readonly file: number; readonly bytes: number } | Buffer): ExactSumsObstacle | null {
  try {
    const inMemory = Buffer.isBuffer(source);
    const cursor = new ModelCursor(inMemory ? source : source.file);
    const found: Found = { unpaired: [], uses: [], readers: new Map(), constants: new Map() };
    for (const field of cursor.fields(inMemory ? source.length : source.bytes)) if (field.number === model.graph && field.end !== null) readGraph(cursor, field.end, found, 0);
    if (found.unpaired.some(({ weight, scale }) => found.constants.get(weight)?.dataType === int8 && found.constants.get(scale)?.rank !== 0)) return 'no zero point';
    return sharesWeights(found) ? 'shared weights' : null;
  } catch { return null; }
}
