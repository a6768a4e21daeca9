// Labels of images from a table beside them: a column that names the image, and one with its label, its labels, or its number.
import { basename } from 'node:path';
import { AppError } from '#shared/errors';
import { countSets, setsOfCells, setsOfColumns, textOf } from '#core/datasets/labelSets';
import type { Layout, Task } from '../DatasetReader.ts';
import { readTable } from '../readTable.ts';
import { sortClasses } from '../sortClasses.ts';
import type { ImageLabels, LabelledImage } from './ImageLabels.ts';
import { imagePlaces } from './imagePlaces.ts';

export interface LabelTableOptions {
  readonly layout: Layout;
  readonly task: Task | null;
  readonly classes: readonly string[] | null;
  readonly imageColumn: string | null;
  readonly labelColumn: string | null;
  readonly labelColumns: readonly string[] | null;
  readonly separator: string;
}

const imageColumns = ['image', 'file', 'filename', 'file_name', 'path', 'name'];

/** Every image must have one row, and every row its image. */
export async function openLabelTable(path: string, images: readonly LabelledImage[], options: LabelTableOptions): Promise<ImageLabels> {
  const fileName = basename(path);
  const { table, labelColumn } = await readTable(path, options.layout, { fileName, labelColumn: options.labelColumn });
  const column = table.columns.find(({ name }) => (options.imageColumn === null ? imageColumns.includes(name.toLowerCase()) : name === options.imageColumn));
  if (!column) throw new AppError('BAD_DATA', `${fileName} has no column ${options.imageColumn === null ? 'that names the image of each row' : `"${options.imageColumn}", which dataset.yaml names as image_column`}.`, { hint: `Name it image, or set image_column. Columns: ${table.columns.slice(0, 40).map(({ name }) => name).join(', ')}.` });
  const placeOf = imagePlaces(images);
  const rows: (number | undefined)[] = images.map(() => undefined);
  for (let row = 0; row < table.length; row++) {
    const name = (textOf(column, row) ?? '').replaceAll('\\', '/');
    const index = placeOf(name);
    if (index === null) throw new AppError('BAD_DATA', `${fileName}, ${table.rowName(row)}: the image "${name.slice(0, 120)}" is not there.`, { hint: 'Copy it into the folder of the images, or remove the row.' });
    if (rows[index] !== undefined) throw new AppError('BAD_DATA', `${fileName}, ${table.rowName(row)}: the image "${name.slice(0, 120)}" has a row already.`, { hint: 'Keep one of the rows.' });
    rows[index] = row;
  }
  const missing = rows.indexOf(undefined);
  if (missing >= 0) throw new AppError('BAD_DATA', `The image ${images[missing]?.name ?? ''} has no row in ${fileName}.`, { hint: 'Add the row, or remove the image.' });
  const rowOf = (index: number) => rows[index] ?? 0;
  const task = options.task ?? (options.labelColumns ? 'multilabel' : 'classification');
  if (task === 'multilabel') {
    if (!options.labelColumns && labelColumn === null) throw noColumn(fileName);
    const sets = options.labelColumns ? setsOfColumns(table, options.labelColumns, fileName) : setsOfCells(table, labelColumn ?? '', options.separator, options.classes, fileName);
    return { kind: 'label set', task, classes: sets.classes, files: [path], labels: null, set: (index) => sets.sets[rowOf(index)] ?? new Uint8Array(sets.classes.length), counts: () => Promise.resolve({ counts: countSets(sets), findings: [] }) };
  }
  const own = table.columns.find(({ name }) => name === labelColumn);
  if (!own) throw noColumn(fileName);
  const labels = images.map((_, index) => textOf(own, rowOf(index)));
  if (task === 'regression') {
    const misfit = own.misfits[0];
    if (misfit) throw new AppError('BAD_DATA', `${fileName}, row ${misfit.row}, column "${own.name}": "${misfit.value.slice(0, 60)}" is not a number, but the task is regression.`, { hint: 'Correct the cell, or set task.' });
  }
  const classes = task === 'regression' ? [] : options.classes ?? sortClasses(labels.filter((label): label is string => label !== null));
  const stranger = task === 'regression' ? -1 : labels.findIndex((label) => label !== null && !classes.includes(label));
  if (stranger >= 0) throw new AppError('BAD_DATA', `${fileName}, ${table.rowName(rowOf(stranger))}, column "${own.name}": the label "${(labels[stranger] ?? '').slice(0, 60)}" is not among the classes of dataset.yaml.`, { hint: `Classes: ${classes.slice(0, 30).join(', ')}.` });
  return { kind: task === 'regression' ? 'number' : 'class', task, classes, files: [path], labels, counts: () => Promise.resolve({ counts: classes.map((name) => ({ name, count: labels.filter((label) => label === name).length })), findings: [] }) };
}

const noColumn = (fileName: string) => new AppError('BAD_DATA', `${fileName} has no column of labels.`, { hint: 'Name it label, or set label_column (or label_columns) in dataset.yaml.' });
