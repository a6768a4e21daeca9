// Labels of images from a table beside them: a column that names the image, and one with its label, its labels, or its number.
import { basename } from 'node:path';
import { AppError } from '#shared/errors';
import { countSets, setsOfCells, setsOfColumns, textOf } from '#core/datasets/labelSets';
import type { Layout, Task } from '../DatasetReader.ts';
import { readTable } from '../readTable.ts';
import { sortClasses } from '../sortClasses.ts';
import type { ImageLabels, LabelledImage } from './ImageLabels.ts';
import { rowsOfImages } from './rowsOfImages.ts';

export interface LabelTableOptions {
  readonly layout: Layout;
  readonly task: Task | null;
  readonly classes: readonly string[] | null;
  readonly imageColumn: string | null;
  readonly labelColumn: string | null;
  readonly labelColumns: readonly string[] | null;
  readonly separator: string;
}

/** Every image must have one row, and every row its image. */
export async function openLabelTable(path: string, images: readonly LabelledImage[], options: LabelTableOptions): Promise<ImageLabels> {
  const fileName = basename(path);
  const { table, labelColumn } = await readTable(path, options.layout, { fileName, labelColumn: options.labelColumn });
  const rowOf = rowsOfImages(table, fileName, images, options.imageColumn);
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
