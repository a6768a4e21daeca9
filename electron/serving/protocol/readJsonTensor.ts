// Reads the numbers of a JSON array, nested or flat, straight from the bytes of the request into the array of a tensor: exact on every double.
import type { TensorData } from '#shared/tensor';
import { badInput } from './badInput.ts';
import type { Datatype } from './datatypes.ts';
import { refuseManyTexts } from './tensorBytes.ts';
import { code, malformed, readString, skipSpace, type JsonCursor } from './JsonCursor.ts';

/** Powers of ten that a double holds exactly reach to 22; the others are the nearest double. */
const exactPowerMax = 22;
const powers = Float64Array.from({ length: 81 }, (_, exponent) => Number(`1e${exponent}`));
/** More than the relative error of an approximation below: five roundings of 2^-53 each, and the digits after the 19th. */
const slack = 2 ** -49;
const digitsMax = 19;

interface Target { readonly cursor: JsonCursor; readonly what: string; readonly count: number }
/** Reads elements up to the end of their bracket, from `index` on; answers the index behind the last. */
type ReadRun = (index: number) => number;

const tooMany = ({ what, count }: Target) => badInput(`The data of ${what} has more than the ${count} elements of its shape.`);
const notA = (target: Target, index: number, wanted: string) => {
  const { bytes, at, end } = target.cursor;
  if (at >= end) return malformed(target.cursor, wanted);
  const found = /^[\w.+-]{1,24}|^[^]/.exec(bytes.toString('latin1', at, Math.min(end, at + 24)))?.[0] ?? '';
  return badInput(`Element ${index} of the data of ${target.what} is ${JSON.stringify(found)}, and ${wanted} was expected${/^-?(NaN|Inf)/i.test(found) ? '; send such values in the binary form' : ''}.`);
};

/** True when another element follows in the same bracket; leaves the cursor at it. */
function another(cursor: JsonCursor): boolean {
  if (skipSpace(cursor) !== code.comma) return false;
  const comma = cursor.at++;
  if (skipSpace(cursor) !== code.open) return true;
  cursor.at = comma;
  return false;
}

/**
 * Up to 15 digits and a power of ten up to 22 make an exact quotient or product (Clinger 1990). For a single-precision target the approximation is enough
 * where its error cannot change the rounding; all else is given to Number.
 */
function floatRun(target: Target, out: Float32Array | Float64Array): ReadRun {
  const { cursor, count } = target;
  const { bytes } = cursor;
  const single = out instanceof Float32Array;
  return (first) => {
    let index = shortFloats(target, out, first);
    for (;;) {
      if (index >= count) throw tooMany(target);
      const start = cursor.at;
      let at = start;
      let byte = bytes[at]!;
      const negative = byte === code.minus;
      if (negative) byte = bytes[++at]!;
      let mantissa = 0;
      let digits = 0;
      let exponent = 0;
      if (byte === code.zero) byte = bytes[++at]!;
      else if (byte > code.zero && byte <= code.nine) {
        do {
          if (digits < digitsMax) { mantissa = mantissa * 10 + (byte - 48); digits++; } else exponent++;
          byte = bytes[++at]!;
        } while (byte >= code.zero && byte <= code.nine);
      } else throw notA(target, index, 'a number');
      if (byte === code.dot) {
        byte = bytes[++at]!;
        if (!(byte >= code.zero && byte <= code.nine)) throw notA(target, index, 'a number');
        do {
          if (digits < digitsMax) { mantissa = mantissa * 10 + (byte - 48); exponent--; if (mantissa > 0) digits++; }
          byte = bytes[++at]!;
        } while (byte >= code.zero && byte <= code.nine);
      }
      if (byte === 101 || byte === 69) {
        byte = bytes[++at]!;
        const down = byte === code.minus;
        if (down || byte === 43) byte = bytes[++at]!;
        if (!(byte >= code.zero && byte <= code.nine)) throw notA(target, index, 'a number');
        let power = 0;
        do { power = Math.min(power * 10 + (byte - 48), 1e6); byte = bytes[++at]!; } while (byte >= code.zero && byte <= code.nine);
        exponent += down ? -power : power;
      }
      cursor.at = at;
      const size = exponent < 0 ? -exponent : exponent;
      let value: number;
      if (digits <= 15 && size <= exactPowerMax) value = exponent < 0 ? mantissa / powers[size]! : mantissa * powers[size]!;
      else {
        const near = single && size <= 80 ? (exponent < 0 ? mantissa / powers[size]! : mantissa * powers[size]!) : NaN;
        const low = Math.fround(near * (1 - slack));
        value = low === Math.fround(near * (1 + slack)) ? low : Math.abs(Number(bytes.toString('latin1', start, at)));
      }
      out[index++] = negative ? -value : value;
      if (byte === code.comma) { // most often the next number follows at once
        const next = bytes[at + 1]!;
        if ((next >= code.zero && next <= code.nine) || next === code.minus) {
          cursor.at = at + 1;
          index = shortFloats(target, out, index);
          continue;
        }
      }
      if (!another(cursor)) return index;
    }
  };
}

const shortDigitsMax = 9;

/**
 * Reads numbers like 12, -0.25 and 3.1416 for as long as they have at most nine digits and the next follows their comma at once: they fit a whole number of
 * 32 bits, and one exact division makes the double. Leaves the cursor at the first that is otherwise, and answers its index.
 */
function shortFloats({ cursor, count }: Target, out: Float32Array | Float64Array, first: number): number {
  const { bytes } = cursor;
  let index = first;
  let start = cursor.at;
  while (index < count) {
    let at = start;
    const negative = bytes[at] === code.minus;
    if (negative) at++;
    const from = at;
    let whole = bytes[at]! ^ 48; // what is no digit becomes more than nine
    if (whole > 9) break;
    let digit = bytes[++at]! ^ 48;
    if (whole !== 0) for (; digit <= 9 && at - from < shortDigitsMax; digit = bytes[++at]! ^ 48) whole = (whole * 10 + digit) | 0;
    let decimals = 0;
    if (bytes[at] === code.dot) {
      const point = at;
      for (digit = bytes[++at]! ^ 48; digit <= 9 && at - from <= shortDigitsMax; digit = bytes[++at]! ^ 48) whole = (whole * 10 + digit) | 0;
      decimals = at - point - 1;
      if (decimals === 0) break;
    }
    if (bytes[at] !== code.comma) break;
    const next = bytes[at + 1]!;
    if ((next ^ 48) > 9 && next !== code.minus) break;
    const value = whole / powers[decimals]!;
    out[index++] = negative ? -value : value;
    start = at + 1;
  }
  cursor.at = start;
  return index;
}

const numberText = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** The text of the number at the cursor, which moves behind it. */
function takeNumber(target: Target, index: number): string {
  const { cursor } = target;
  const { bytes } = cursor;
  const start = cursor.at;
  let at = start;
  for (let byte = bytes[at]!; (byte >= code.zero && byte <= code.nine) || byte === code.minus || byte === 43 || byte === code.dot || byte === 101 || byte === 69; byte = bytes[++at]!);
  const text = bytes.toString('latin1', start, at);
  if (!numberText.test(text)) throw notA(target, index, 'a number');
  cursor.at = at;
  return text;
}

const shown = (text: string) => (text.length > 24 ? `${text.slice(0, 24)}…` : text);

function integerRun(target: Target, out: Exclude<TensorData, readonly string[] | BigInt64Array | BigUint64Array>, datatype: Datatype): ReadRun {
  const { cursor, count } = target;
  const { bytes } = cursor;
  const [low, high] = datatype.range as readonly [number, number]; // the table ties it to these kinds
  return (first) => {
    let index = first;
    for (;;) {
      if (index >= count) throw tooMany(target);
      const start = cursor.at;
      let at = start;
      let byte = bytes[at]!;
      const negative = byte === code.minus;
      if (negative) byte = bytes[++at]!;
      const leading = byte;
      const firstDigit = at;
      let value = 0;
      while (byte >= code.zero && byte <= code.nine) { value = value * 10 + (byte - 48); byte = bytes[++at]!; }
      const digits = at - firstDigit;
      if (digits === 0 || digits > 15 || (leading === code.zero && digits > 1) || byte === code.dot || byte === 101 || byte === 69) {
        const text = takeNumber(target, index);
        value = Number(text);
        if (!Number.isInteger(value)) throw badInput(`Element ${index} of the data of ${target.what} is ${shown(text)}, which is no whole number.`);
      } else {
        cursor.at = at;
        if (negative) value = -value;
      }
      if (value < low || value > high) throw badInput(`Element ${index} of the data of ${target.what} is ${shown(bytes.toString('latin1', start, cursor.at))}, which does not fit ${datatype.name}.`);
      out[index++] = value;
      if (!another(cursor)) return index;
    }
  };
}

function bigintRun(target: Target, out: BigInt64Array | BigUint64Array, datatype: Datatype): ReadRun {
  const { cursor, count } = target;
  const [low, high] = datatype.range as readonly [bigint, bigint]; // the table ties it to these kinds
  return (first) => {
    let index = first;
    for (;;) {
      if (index >= count) throw tooMany(target);
      const text = takeNumber(target, index);
      let value: bigint;
      if (/^-?\d{1,40}$/.test(text)) value = BigInt(text);
      else {
        const number = Number(text);
        if (!Number.isSafeInteger(number)) throw badInput(`Element ${index} of the data of ${target.what} is ${shown(text)}, which is no whole number that ${datatype.name} holds exactly.`);
        value = BigInt(number);
      }
      if (value < low || value > high) throw badInput(`Element ${index} of the data of ${target.what} is ${shown(text)}, which does not fit ${datatype.name}.`);
      out[index++] = value;
      if (!another(cursor)) return index;
    }
  };
}

function boolRun(target: Target, out: Uint8Array): ReadRun {
  const { cursor, count } = target;
  const { bytes } = cursor;
  return (first) => {
    let index = first;
    for (;;) {
      if (index >= count) throw tooMany(target);
      const word = /^(?:true|false|[01](?![\d.eE]))/.exec(bytes.toString('latin1', cursor.at, cursor.at + 5))?.[0];
      if (word === undefined || cursor.at + word.length > cursor.end) throw notA(target, index, 'true or false');
      cursor.at += word.length;
      out[index++] = word === 'true' || word === '1' ? 1 : 0;
      if (!another(cursor)) return index;
    }
  };
}

function stringRun(target: Target, out: string[]): ReadRun {
  return (first) => {
    let index = first;
    for (;;) {
      if (index >= target.count) throw tooMany(target);
      if (skipSpace(target.cursor) !== code.quote) throw notA(target, index, 'a string');
      out[index++] = readString(target.cursor);
      if (!another(target.cursor)) return index;
    }
  };
}

function runOf(target: Target, datatype: Datatype, data: TensorData): ReadRun {
  switch (datatype.json) {
    case 'float': return floatRun(target, data as Float32Array | Float64Array); // the table of datatypes ties the kind of array to the form in JSON, here and below
    case 'integer': return integerRun(target, data as Int32Array, datatype);
    case 'bigint': return bigintRun(target, data as BigInt64Array, datatype);
    case 'bool': return boolRun(target, data as Uint8Array);
    case 'string': return stringRun(target, data as string[]);
    case null: throw badInput(`The datatype ${datatype.name} of ${target.what} has no JSON form; send it in the binary form.`);
  }
}

/** The elements at the cursor, which moves behind them. Brackets must follow the shape, or be a single one around all. */
export function readJsonTensor(cursor: JsonCursor, datatype: Datatype, shape: readonly number[], count: number, what: string): TensorData {
  // an element takes two bytes at least, so that no short request can ask for much memory
  if (count * 2 > cursor.end - cursor.at + 2) throw badInput(`The data of ${what} has fewer than the ${count} elements of its shape.`);
  if (!datatype.Kind) refuseManyTexts(count, what);
  const data: TensorData = datatype.Kind ? new datatype.Kind(count) : new Array<string>(count).fill('');
  const readRun = runOf({ cursor, what, count }, datatype, data);
  const starts: number[] = [];
  let index = 0;
  let leaf = 0; // the depth at which elements stand
  if (skipSpace(cursor) !== code.open) throw badInput(`The data of ${what} must be an array.`);
  for (;;) {
    if (skipSpace(cursor) === code.open) {
      cursor.at++;
      starts.push(index);
      if (starts.length > 1 && starts.length > shape.length) throw badInput(`The data of ${what} is nested deeper than its shape [${shape.join(', ')}].`);
      if (skipSpace(cursor) !== code.close) continue;
    } else {
      leaf ||= starts.length;
      if (leaf !== starts.length || (leaf > 1 && leaf !== shape.length)) throw badInput(`The data of ${what} is nested otherwise than its shape [${shape.join(', ')}].`);
      index = readRun(index);
    }
    for (;;) {
      const next = skipSpace(cursor);
      if (next === code.comma) { cursor.at++; break; }
      if (next !== code.close) throw malformed(cursor, '"," or "]"');
      cursor.at++;
      const depth = starts.length;
      const length = index - starts.pop()!;
      if (depth > 1 && length !== shape.slice(depth - 1).reduce((product, size) => product * size, 1)) throw badInput(`The data of ${what} has brackets that do not follow its shape [${shape.join(', ')}].`);
      if (depth > 1) continue;
      if (index !== count) throw badInput(`The data of ${what} has ${index} elements, and its shape [${shape.join(', ')}] has ${count}.`);
      return data;
    }
  }
}
