// Tables in memory: typed columns built row by row, and their way into a model's inputs.
import type { TensorInfo } from '#shared/contract/references';
import { AppError } from '#shared/errors';
import type { Feeds, TensorValue } from '#shared/tensor';
import { elementTypeOf, fitTensor } from '../preprocess/fitTensor.ts';

export type Cell = number | string | boolean | bigint | null;

/** One column: numbers as doubles (NaN where missing) and, only where any cell is text, every cell as text. */
export interface TableColumn {
  readonly name: string;
  readonly numbers: Float64Array;
  /** Null while every cell that is not missing is a number. Missing cells are null. */
  readonly texts: readonly (string | null)[] | null;
  readonly missing: number;
  readonly misfits: readonly { readonly row: number; readonly value: string }[];
  readonly misfitCount: number;
}
export interface Table {
  readonly columns: readonly TableColumn[];
  readonly length: number;
  /** "row 17" of the file as a person counts: the header is row 1 where there is one. */
  rowName(index: number): string;
}

const missingWords = new Set(['', 'na', 'n/a', 'nan', 'null', 'none', '#n/a']);
const numberPattern = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** The number a cell's text means, NaN for missing, or null where it is text. Infinities are numbers. */
export function numberOf(text: string): number | null {
  const plain = text.trim();
  if (numberPattern.test(plain)) return Number(plain);
  const lower = plain.toLowerCase();
  if (missingWords.has(lower)) return Number.NaN;
  const infinite = /^([+-]?)inf(inity)?$/.exec(lower);
  return infinite ? (infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY) : null;
}

/** Largest table held here; more belongs into Parquet files of a size that fits. */
const largestCells = 100_000_000;

/** Collects rows into columns; numbers are kept as doubles until a column turns out to hold text, then both are kept. */
export class TableBuilder {
  private readonly names: readonly string[];
  private readonly buffers: Float64Array[];
  private readonly texts: (string | null)[][];
  private readonly missing: number[];
  private readonly misfits: { row: number; value: string }[][];
  private readonly misfitCounts: number[];
  private readonly keepText: boolean[];
  private readonly fileRowOf: (index: number) => number;
  private rows = 0;

  /** textColumns: known to be text from the start, so that their cells are kept as written ("007"). */
  constructor(names: readonly string[], textColumns: readonly string[], fileRowOf: (index: number) => number) {
    this.names = names;
    this.fileRowOf = fileRowOf;
    this.buffers = names.map(() => new Float64Array(64));
    this.texts = names.map(() => []);
    this.missing = names.map(() => 0);
    this.misfits = names.map(() => []);
    this.misfitCounts = names.map(() => 0);
    this.keepText = names.map((name) => textColumns.includes(name));
  }

  add(cells: readonly Cell[]): void {
    const row = this.rows++;
    if (this.rows * this.names.length > largestCells) throw new AppError('BAD_DATA', `The table has more than ${largestCells.toLocaleString('en')} cells, which is more than is held here.`, { hint: 'Use a part of it, or leave columns out.' });
    for (let column = 0; column < this.names.length; column++) {
      const cell = cells[column] ?? null;
      let buffer = this.buffers[column] ?? new Float64Array(64);
      if (row >= buffer.length) {
        const larger = new Float64Array(buffer.length * 2);
        larger.set(buffer);
        this.buffers[column] = buffer = larger;
      }
      const number = cell === null ? Number.NaN : typeof cell === 'string' ? numberOf(cell) : Number(cell);
      buffer[row] = number ?? Number.NaN;
      const text = this.texts[column];
      if (number === null) {
        this.misfitCounts[column] = (this.misfitCounts[column] ?? 0) + 1;
        const list = this.misfits[column];
        if (list && list.length < 20) list.push({ row: this.fileRowOf(row), value: String(cell) });
      } else if (Number.isNaN(number)) this.missing[column] = (this.missing[column] ?? 0) + 1;
      // Text is kept sparsely: only from the first text on, and for columns that are known to be text.
      if (text && (this.keepText[column] || number === null)) text[row] = cell === null || Number.isNaN(number) ? null : String(cell);
    }
  }

  build(): Table {
    const { rows, fileRowOf } = this;
    const columns = this.names.map((name, column): TableColumn => {
      const numbers = (this.buffers[column] ?? new Float64Array(0)).subarray(0, rows);
      const kept = this.texts[column] ?? [];
      const isText = this.keepText[column] === true || (this.misfitCounts[column] ?? 0) > 0;
      const texts = isText ? Array.from({ length: rows }, (_, row) => kept[row] ?? (Number.isNaN(numbers[row] ?? Number.NaN) ? null : String(numbers[row]))) : null;
      return { name, numbers, texts, missing: this.missing[column] ?? 0, misfits: this.misfits[column] ?? [], misfitCount: this.misfitCounts[column] ?? 0 };
    });
    return { columns, length: rows, rowName: (index) => `row ${fileRowOf(index)}` };
  }
}

export interface TableFeeder { (index: number): Feeds }

/**
 * How rows become feeds: one column per input of the same name; or, for a single numeric input of width C, the C feature columns in their order.
 * Throws BAD_DATA naming column, row and value where a column does not fit.
 */
export function feedTable(table: Table, features: readonly TableColumn[], inputs: readonly TensorInfo[] | null, dataName: string): TableFeeder {
  const byName = new Map(features.map((column) => [column.name, column]));
  if (inputs && inputs.length > 0 && inputs.every((input) => byName.has(input.name)) && (inputs.length > 1 || features.length === 1 || widthOf(inputs[0]) === 1)) {
    const pairs = inputs.map((input) => ({ input, column: byName.get(input.name) ?? failMissing(input.name) }));
    for (const { input, column } of pairs) checkColumn(column, input, dataName);
    return (index) => Object.fromEntries(pairs.map(({ input, column }) => [input.name, fitTensor(cellOf(column, input, index, table, dataName), input, `${dataName}, ${table.rowName(index)}, column "${column.name}"`)]));
  }
  if (inputs && inputs.length > 1) {
    const lacking = inputs.filter((input) => !byName.has(input.name)).map((input) => `"${input.name}"`);
    throw new AppError('BAD_DATA', `${dataName} has no column for the model's input${lacking.length > 1 ? 's' : ''} ${lacking.slice(0, 10).join(', ')}.`, { hint: `It has the columns ${features.slice(0, 30).map((column) => column.name).join(', ')}. Rename them to the model's inputs.` });
  }
  const input = inputs?.[0] ?? null;
  const width = input ? widthOf(input) : null;
  if (input && (input.shape.length === 0 || input.shape.length > 2)) throw new AppError('BAD_DATA', `The model's input "${input.name}" has ${input.shape.length} axes, and ${dataName} is a table.`, { hint: 'Give the data as arrays (.npy or .npz) or images.' });
  if (width !== null && width !== features.length) {
    throw new AppError('BAD_DATA', `The model's input "${input?.name ?? ''}" takes ${width} values a sample, but ${dataName} has ${features.length} feature column${features.length === 1 ? '' : 's'}.`, {
      hint: `Columns read as features: ${features.slice(0, 40).map((column) => column.name).join(', ')}. Set label_column or ignore in dataset.yaml for those that are none.`,
    });
  }
  if (input) for (const column of features) checkColumn(column, input, dataName);
  const asText = input ? elementTypeOf(input.type) === 'string' : false;
  return (index) => {
    const value: TensorValue = asText
      ? { type: 'string', dims: [features.length], data: features.map((column) => textAt(column, index)) }
      : { type: 'float64', dims: [features.length], data: Float64Array.from(features, (column) => column.numbers[index] ?? Number.NaN) };
    if (!input) return { input: { ...value, dims: [1, features.length] } };
    return { [input.name]: fitTensor(value, input, `${dataName}, ${table.rowName(index)}`) };
  };
}

const failMissing = (name: string): never => { throw new AppError('INTERNAL', `The column ${name} is gone.`); };

function widthOf(input: TensorInfo | undefined): number | null {
  const last = input && input.shape.length === 2 ? input.shape[1] : input?.shape.length === 1 && typeof input.shape[0] === 'number' ? input.shape[0] : null;
  return typeof last === 'number' && last > 0 ? last : null;
}

/** A column that goes into a numeric input must hold numbers only. */
function checkColumn(column: TableColumn, input: TensorInfo, dataName: string): void {
  if (elementTypeOf(input.type) === 'string') return;
  const first = column.misfits[0];
  if (first) {
    throw new AppError('BAD_DATA', `${dataName}, row ${first.row}, column "${column.name}": "${first.value.slice(0, 60)}" is not a number, but the model's input "${input.name}" takes numbers.`, {
      hint: column.misfitCount > 1 ? `${column.misfitCount} cells of this column hold text. Correct them, or set label_column or ignore in dataset.yaml.` : 'Correct the cell, or remove the row.',
    });
  }
}

const textAt = (column: TableColumn, index: number): string => column.texts?.[index] ?? (Number.isNaN(column.numbers[index] ?? Number.NaN) ? '' : String(column.numbers[index]));

function cellOf(column: TableColumn, input: TensorInfo, index: number, table: Table, dataName: string): TensorValue {
  if (elementTypeOf(input.type) === 'string') return { type: 'string', dims: [1], data: [textAt(column, index)] };
  const value = column.numbers[index] ?? Number.NaN;
  const type = elementTypeOf(input.type);
  if (Number.isNaN(value) && type !== 'float32' && type !== 'float64' && type !== 'float16') {
    throw new AppError('BAD_DATA', `${dataName}, ${table.rowName(index)}, column "${column.name}" is empty, but the model's input "${input.name}" takes ${type}.`, { hint: 'Fill the cell, or remove the row.' });
  }
  return { type: 'float64', dims: [1], data: Float64Array.of(value) };
}

const labelNames = ['label', 'labels', 'target', 'class', 'y', 'species', 'outcome'];

/** The label column: the one named, else one with a usual name, else none. Throws BAD_DATA where the named one is missing. */
export function chooseLabelColumn(names: readonly string[], named: string | null, dataName: string): string | null {
  if (named !== null) {
    if (names.includes(named)) return named;
    throw new AppError('BAD_DATA', `${dataName} has no column "${named}", which dataset.yaml names as label_column.`, { hint: `Columns: ${names.slice(0, 40).join(', ')}.` });
  }
  return labelNames.map((candidate) => names.find((name) => name.toLowerCase() === candidate)).find((name) => name !== undefined) ?? null;
}
