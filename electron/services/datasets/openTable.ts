// The table layouts: rows of CSV, JSON Lines or Parquet as samples, with a label column.
import { createHash } from 'node:crypto';
import type { TensorInfo } from '#shared/contract/references';
import { AppError } from '#shared/errors';
import { countSets, setsOfCells, setsOfColumns, textOf } from '#core/datasets/labelSets';
import { feedTable, type TableColumn } from '#core/datasets/table';
import type { DatasetReader, Layout, Task } from './DatasetReader.ts';
import { columnsOf, subgroupsOf, type SubgroupSpec } from '#core/datasets/subgroups';
import { readTable } from './readTable.ts';
import { sortClasses } from './sortClasses.ts';

export interface TableOptions {
  readonly layout: Layout;
  readonly inputs: readonly TensorInfo[] | null;
  readonly task: Task | null;
  readonly classes: readonly string[] | null;
  readonly labelColumn: string | null;
  /** Multilabel: a column of 0 and 1 for each label; null where one column holds them all. */
  readonly labelColumns: readonly string[] | null;
  readonly separator: string;
  readonly ignore: readonly string[];
  readonly subgroups: readonly SubgroupSpec[];
  readonly fileName: string;
  readonly manifest: (samples: number, signal?: AbortSignal) => ReturnType<DatasetReader['manifest']>;
}

export async function openTable(path: string, options: TableOptions): Promise<DatasetReader> {
  const { fileName } = options, subgroupColumns = columnsOf(options.subgroups);
  const { table, labelColumn } = await readTable(path, options.layout, { fileName, labelColumn: options.labelColumn });
  for (const name of [...options.ignore, ...subgroupColumns]) {
    if (!table.columns.some((column) => column.name === name)) throw new AppError('BAD_DATA', `${fileName} has no column "${name}", which dataset.yaml names.`, { hint: `Columns: ${table.columns.slice(0, 40).map((column) => column.name).join(', ')}.` });
  }
  const label = table.columns.find((column) => column.name === labelColumn) ?? null;
  // An index column as pandas writes it (no name, or Unnamed: 0) is no feature.
  const aside = new Set([...options.ignore, ...subgroupColumns, '', 'Unnamed: 0', ...(labelColumn === null ? [] : [labelColumn]), ...(options.labelColumns ?? [])]);
  const features = table.columns.filter((column) => !aside.has(column.name));
  if (features.length === 0) throw new AppError('BAD_DATA', `${fileName} has no feature column.`);
  const task = options.task ?? (options.labelColumns ? 'multilabel' : null);
  const sets = task !== 'multilabel' ? null : options.labelColumns ? setsOfColumns(table, options.labelColumns, fileName) : labelColumn === null ? null : setsOfCells(table, labelColumn, options.separator, options.classes, fileName);
  const own = task === 'multilabel' ? { labels: null, classes: sets?.classes ?? options.classes ?? [], task } : readLabels(label, table.length, options);
  const feeds = feedTable(table, features, options.inputs, fileName);
  const { labels, classes } = own;
  const names = Array.from({ length: table.length }, (_, index) => table.rowName(index));
  const checkIndex = (index: number) => { if (!Number.isInteger(index) || index < 0 || index >= table.length) throw new AppError('BAD_INPUT', `${fileName} has ${table.length} samples; there is no sample ${index}.`); };
  return {
    layout: options.layout, task: own.task, length: table.length, labels, classes, names,
    subgroups: subgroupsOf(table, options.subgroups, fileName, table.length, (index) => index),
    read: (index) => new Promise((resolve) => { checkIndex(index); resolve({ feeds: feeds(index), label: labels?.[index] ?? null, name: names[index] ?? '' }); }),
    readChanged: null,
    manifest: (signal) => options.manifest(table.length, signal),
    identities: async function* (signal, only) {
      for (let index = 0; index < table.length; index++) {
        if (only?.has(index) === false) continue;
        if (index % 1000 === 0) { signal?.throwIfAborted(); await Promise.resolve(); }
        // Features only: the same part with another label is the same sample.
        yield { index, name: names[index] ?? '', sha256: createHash('sha256').update(JSON.stringify(features.map((column) => [column.name, textOf(column, index)]))).digest('hex'), perceptualHash: null };
      }
    },
    imagePath: () => null, labelKind: sets ? 'label set' : labels === null ? null : own.task === 'regression' ? 'number' : 'class',
    ...(sets ? { target: (index: number) => { checkIndex(index); return Promise.resolve({ type: 'uint8' as const, dims: [classes.length], data: sets.sets[index] ?? new Uint8Array() }); }, labelCounts: () => Promise.resolve({ counts: countSets(sets), findings: [] }) } : {}),
    row: (index) => { checkIndex(index); return features.map((column) => ({ name: column.name, value: textOf(column, index) ?? '(missing)' })); },
    columns: () => Promise.resolve(features.map((column) => ({
      name: column.name, missing: column.missing, misfits: column.misfits, misfitCount: column.misfitCount,
      // A few texts among numbers are a fault of the numbers; otherwise the column is text.
      type: column.misfitCount === 0 ? 'number' : column.misfitCount * 10 <= table.length ? 'number with text' : 'text',
      numbers: column.misfitCount === 0 || column.misfitCount * 10 <= table.length ? column.numbers : null,
    }))),
    close: () => Promise.resolve(),
  };
}

function readLabels(column: TableColumn | null, length: number, options: TableOptions): { labels: (string | null)[] | null; classes: readonly string[]; task: Task } {
  if (!column) return { labels: null, classes: options.classes ?? [], task: options.task ?? 'classification' };
  const numeric = column.misfitCount === 0;
  const whole = numeric && column.numbers.every((value) => Number.isNaN(value) || Number.isInteger(value));
  const distinct = new Set(numeric ? column.numbers : []).size;
  // Numbers with a fraction, or very many different whole numbers, are measured values rather than classes.
  const task = options.task ?? (numeric && (!whole || (distinct > 100 && distinct > length / 5)) ? 'regression' : 'classification');
  const raw = Array.from({ length }, (_, index) => (numeric && whole && !Number.isNaN(column.numbers[index] ?? Number.NaN) ? String(column.numbers[index]) : textOf(column, index)));
  if (task === 'regression') {
    const misfit = column.misfits[0];
    if (misfit) throw new AppError('BAD_DATA', `${options.fileName}, row ${misfit.row}, column "${column.name}": "${misfit.value.slice(0, 60)}" is not a number, but the task is regression.`);
    return { labels: raw, classes: [], task };
  }
  const named = options.classes;
  const labels = named && numeric ? raw.map((label) => (label !== null && !named.includes(label) && named[Number(label)] !== undefined ? named[Number(label)] ?? label : label)) : raw;
  return { labels, classes: named ?? sortClasses(labels.filter((label): label is string => label !== null)), task };
}
