// Whether the runtime can be told to add products of 8 bits exactly for this model, read from the file without its weights.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Field numbers of onnx.proto. */
const model = { graph: 7 } as const, graph = { node: 1, initializer: 5 } as const, nodes = { input: 1, output: 2, opType: 4, attribute: 5 } as const, attributes = { tensor: 5, graph: 6, graphs: 11 } as const, tensors = { dims: 1, dataType: 2, name: 8 } as const;
const int8 = 3;
const windowBytes = 65_536;
/** No graph is nested deeper in earnest. */
const mostNested = 64;

interface Field { readonly number: number; readonly value: number; /** Of a field with a length: where its bytes end. */ readonly end: number | null }
interface Constant { readonly name: string; readonly dataType: number; readonly rank: number }
/** Of all graphs: DequantizeLinear nodes without a zero point, and the constants. */
interface Found { readonly unpaired: { readonly weight: string; readonly scale: string }[]; readonly constants: Map<string, Constant> }

/** A file through a window: what is skipped is never read. */
class FileCursor {
  at = 0;
  private readonly window = Buffer.alloc(windowBytes);
  private from = 0;
  private filled = 0;
  constructor(private readonly file: number) {}

  private byte(): number {
    if (this.at < this.from || this.at >= this.from + this.filled) {
      this.from = this.at;
      this.filled = readSync(this.file, this.window, 0, windowBytes, this.at);
      if (this.filled === 0) throw new RangeError('the file ends');
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
    const bytes = Buffer.alloc(Math.min(end - this.at, 4096));
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

function readNode(cursor: FileCursor, end: number, found: Found, depth: number): void {
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
      else if (inner.number === attributes.graph || inner.number === attributes.graphs) readGraph(cursor, inner.end, found, depth + 1);
    }
  }
  if (opType === 'Constant' && constant) found.constants.set(output, constant);
  const [weight = '', scale = '', zeroPoint = ''] = inputs;
  if (opType === 'DequantizeLinear' && zeroPoint === '') found.unpaired.push({ weight, scale });
}

function readTensor(cursor: FileCursor, end: number): Constant {
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

function readGraph(cursor: FileCursor, end: number, found: Found, depth: number): void {
  if (depth > mostNested) throw new RangeError('graphs are nested too deep');
  for (const field of cursor.fields(end)) {
    if (field.end === null) continue;
    if (field.number === graph.node) readNode(cursor, field.end, found, depth);
    else if (field.number === graph.initializer) {
      const constant = readTensor(cursor, field.end);
      found.constants.set(constant.name, constant);
    }
  }
}

/**
 * Where pairs of products saturate (pairSumsSaturate.ts), answers of INT8 models can be wrong by half. The runtime's option `session.x64quantprecision` stores their weights as unsigned bytes, which have kernels that do not
 * saturate, slower by a sixth to a third; it leaves weights within ±64 alone (7 bits, as `reduceRange` makes them). On other processors it has no effect.
 * It has a fault (1.30 and 1.32): INT8 constants without a zero point get one of a single value, and where their scales are many (per channel, blocks) and the node is not fused away, DequantizeLinear refuses to run.
 * @returns false where the model holds such constants; a file that cannot be read allows it, for the runtime tells what is wrong with it
 */
export function allowsExactSums(path: string): boolean {
  let file: number;
  try { file = openSync(path, 'r'); } catch { return true; }
  try {
    const cursor = new FileCursor(file);
    const found: Found = { unpaired: [], constants: new Map() };
    for (const field of cursor.fields(fstatSync(file).size)) if (field.number === model.graph && field.end !== null) readGraph(cursor, field.end, found, 0);
    return found.unpaired.every(({ weight, scale }) => found.constants.get(weight)?.dataType !== int8 || found.constants.get(scale)?.rank === 0);
  } catch { return true; } finally { closeSync(file); }
}
