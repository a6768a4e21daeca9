// Subgroups of images and arrays, from a table beside them: that of the labels, or one of its own.
import { basename, dirname, extname, isAbsolute, resolve } from 'node:path';
import { AppError } from '#shared/errors';
import type { DatasetYaml } from '#core/datasets/datasetYaml';
import { specsOf, subgroupsOf, type Subgrouping } from '#core/datasets/subgroups';
import type { LabelledImage } from './labels/ImageLabels.ts';
import { rowsOfImages } from './labels/rowsOfImages.ts';
import { readTable } from './readTable.ts';

/** Path of the table, null where no subgroups are named. @param labelTable that of the labels, if they are one */
export function subgroupTablePath(yaml: DatasetYaml | null, yamlPath: string | null, labelTable: string | null): string | null {
  if (yaml?.subgroup_table !== undefined && yaml.subgroups === undefined) throw new AppError('BAD_DATA', 'dataset.yaml has subgroup_table, but no subgroups.', { hint: 'Name the columns that split the results, such as subgroups: [shift, camera].' });
  if (yaml?.subgroups === undefined) return null;
  if (yaml.subgroup_table === undefined) {
    if (labelTable !== null) return labelTable;
    throw new AppError('BAD_DATA', 'dataset.yaml names subgroups, but no table to take them from.', { hint: 'Set subgroup_table to a CSV beside dataset.yaml: a column image (for arrays one row a sample, in order) and a column for each subgroup.' });
  }
  if (isAbsolute(yaml.subgroup_table)) throw new AppError('BAD_DATA', 'dataset.yaml: subgroup_table must be relative to this file.', { hint: 'So that the data set can be moved with its folder.' });
  return resolve(dirname(yamlPath ?? ''), yaml.subgroup_table);
}

/** @param images null for arrays, whose rows stand in the order of the samples */
export async function openSubgroups(path: string, yaml: DatasetYaml, images: readonly LabelledImage[] | null, samples: number): Promise<Subgrouping[]> {
  const fileName = basename(path), extension = extname(path).toLowerCase();
  const { table } = await readTable(path, extension === '.parquet' ? 'parquet' : extension === '.jsonl' ? 'jsonl' : 'csv', { fileName, labelColumn: null });
  if (images === null && table.length !== samples) throw new AppError('BAD_DATA', `${fileName} has ${table.length} rows, but there are ${samples} samples.`, { hint: 'Give one row a sample, in the order of the arrays.' });
  const rowOf = images === null ? (index: number) => index : rowsOfImages(table, fileName, images, yaml.image_column ?? null);
  return subgroupsOf(table, specsOf(yaml.subgroups), fileName, samples, rowOf);
}
