// Any number of labels a row of a table: several in one cell with a separator, or a column of 0 and 1 for each label.
import { AppError } from '#shared/errors';
import type { Table, TableColumn } from './table.ts';

export interface LabelSets { readonly classes: readonly string[]; /** 0 or 1 for each class, one entry a row. */ readonly sets: readonly Uint8Array[] }

/** The cell as it is written; null where it is empty. */
export const textOf = (column: TableColumn, index: number): string | null => {
  if (column.texts) return column.texts[index] ?? null;
  const number = column.numbers[index] ?? Number.NaN;
  return Number.isNaN(number) ? null : String(number);
};

const columnNamed = (table: Table, name: string, fileName: string): TableColumn => {
  const column = table.columns.find((each) => each.name === name);
  if (!column) throw new AppError('BAD_DATA', `${fileName} has no column "${name}", which dataset.yaml names.`, { hint: `Columns: ${table.columns.slice(0, 40).map((each) => each.name).join(', ')}.` });
  return column;
};

export function setsOfColumns(table: Table, names: readonly string[], fileName: string): LabelSets {
  const columns = names.map((name) => columnNamed(table, name, fileName));
  const sets = Array.from({ length: table.length }, (_, row) => Uint8Array.from(columns, (column) => {
    const value = column.numbers[row];
    if (value === 0 || value === 1) return value;
    const text = textOf(column, row);
    throw new AppError('BAD_DATA', `${fileName}, ${table.rowName(row)}, column "${column.name}": ${text === null ? 'the cell is empty' : `"${text.slice(0, 60)}" is neither 0 nor 1`}.`, { hint: 'A column of label_columns says with 1 that the row has the label and with 0 that it has not.' });
  }));
  return { classes: names, sets };
}

/** An empty cell is a row without a label. Classes are sorted where `classes` does not give their order. */
export function setsOfCells(table: Table, name: string, separator: string, classes: readonly string[] | null, fileName: string): LabelSets {
  const column = columnNamed(table, name, fileName);
  const cells = Array.from({ length: table.length }, (_, row) => (textOf(column, row) ?? '').split(separator).map((label) => label.trim()).filter((label) => label !== ''));
  const known = classes ?? [...new Set(cells.flat())].sort();
  const places = new Map(known.map((label, place) => [label, place]));
  const sets = cells.map((labels, row) => {
    const set = new Uint8Array(known.length);
    for (const label of labels) {
      const place = places.get(label);
      if (place === undefined) throw new AppError('BAD_DATA', `${fileName}, ${table.rowName(row)}, column "${name}": the label "${label.slice(0, 60)}" is not among the classes of dataset.yaml.`, { hint: `Classes: ${known.slice(0, 30).join(', ')}. Labels are separated by "${separator}"; set separator where it is another.` });
      set[place] = 1;
    }
    return set;
  });
  return { classes: known, sets };
}

export const countSets = ({ classes, sets }: LabelSets): { name: string; count: number }[] => classes.map((name, place) => ({ name, count: sets.reduce((sum, set) => sum + (set[place] ?? 0), 0) }));
