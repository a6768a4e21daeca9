// Tells where the labels of images are: where dataset.yaml says, else at the places where the usual tools put them.
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, isAbsolute, join, resolve } from 'node:path';
import { AppError } from '#shared/errors';
import { classColors, classNames, type DatasetYaml } from '#core/datasets/datasetYaml';
import { normalClass } from '#core/datasets/normalClass';
import { translateFileError } from '../../files/translateFileError.ts';
import type { Layout, Task } from '../DatasetReader.ts';
import type { FoundImages } from '../openImages.ts';
import { sortClasses } from '../sortClasses.ts';
import type { ImageLabels } from './ImageLabels.ts';
import { openCocoLabels, openYoloLabels } from './openBoxLabels.ts';
import { openLabelTable } from './openLabelTable.ts';
import { isFolder, openAnomalyMasks, openClassMasks } from './openMaskLabels.ts';

export interface LabelPlace {
  readonly kind: 'coco' | 'yolo' | 'masks' | 'anomaly masks' | 'table';
  readonly path: string;
  /** Folder of the images. */
  readonly imagesRoot: string;
}

const tables: Readonly<Record<string, Layout>> = { '.csv': 'csv', '.tsv': 'csv', '.parquet': 'parquet', '.pq': 'parquet', '.jsonl': 'jsonl', '.ndjson': 'jsonl' };

/** Null where the folders of the images are their labels, or there are none. */
export async function findLabels(root: string, yaml: DatasetYaml | null, yamlPath: string | null): Promise<LabelPlace | null> {
  const imagesRoot = await imagesBelow(root, yaml);
  if (typeof yaml?.labels === 'string') {
    if (isAbsolute(yaml.labels)) throw new AppError('BAD_DATA', `${basename(yamlPath ?? 'dataset.yaml')}: labels must be relative to this file.`, { hint: 'So that the data set can be moved with its folder.' });
    const path = resolve(yamlPath === null ? root : dirname(yamlPath), yaml.labels);
    const found = await stat(path).catch((error: unknown) => { throw translateFileError(error, path, 'read'); });
    return { kind: await kindOf(path, found.isDirectory(), yaml.task ?? null), path, imagesRoot };
  }
  const task = yaml?.task ?? null;
  const names = await readdir(root);
  const allows = (...tasks: readonly Task[]) => task === null || tasks.includes(task);
  if (allows('detection')) {
    const inside = names.includes('annotations') ? (await readdir(join(root, 'annotations')).catch(() => [])).map((name) => `annotations/${name}`) : [];
    const files = [...names, ...inside].filter((name) => /(^|\/)(annotations|instances[^/]*|_annotations\.coco)\.json$/i.test(name));
    if (files.length > 1) throw new AppError('BAD_DATA', `The folder ${basename(root)} has several files of labels: ${files.slice(0, 4).join(', ')}.`, { hint: 'Name one as labels in dataset.yaml.' });
    if (files[0] !== undefined) return { kind: 'coco', path: join(root, files[0]), imagesRoot };
    if (names.includes('labels') && imagesRoot !== root && await hasTexts(join(root, 'labels'))) return { kind: 'yolo', path: join(root, 'labels'), imagesRoot };
  }
  if (allows('segmentation') && names.includes('masks') && (task === 'segmentation' || imagesRoot !== root)) return { kind: 'masks', path: join(root, 'masks'), imagesRoot };
  if (allows('anomaly') && names.includes('ground_truth') && await isFolder(join(root, 'ground_truth'))) {
    // MVTec AD as it is unpacked: test/good, test/scratch, ground_truth/scratch.
    const hasTest = await isFolder(join(root, 'test', 'good'));
    if (hasTest || task === 'anomaly' || names.includes('good')) return { kind: 'anomaly masks', path: join(root, 'ground_truth'), imagesRoot: hasTest ? join(root, 'test') : root };
  }
  return null;
}

/** Where dataset.yaml names no folder, one called images holds them, if it is there. */
const imagesBelow = async (root: string, yaml: DatasetYaml | null): Promise<string> => (yaml?.path === undefined && await isFolder(join(root, 'images')) ? join(root, 'images') : root);
const hasTexts = async (folder: string): Promise<boolean> => (await readdir(folder, { recursive: true }).catch(() => [])).some((name) => name.endsWith('.txt'));

async function kindOf(path: string, folder: boolean, task: Task | null): Promise<LabelPlace['kind']> {
  if (!folder) {
    if (/\.json$/i.test(path)) return 'coco';
    if (tables[extname(path).toLowerCase()]) return 'table';
    throw new AppError('BAD_DATA', `${basename(path)} is no file of labels that can be read.`, { hint: 'Accepted: COCO JSON; a folder of YOLO text files or of PNG masks; CSV, Parquet or JSON Lines with a column that names the image.' });
  }
  if (task === 'anomaly') return 'anomaly masks';
  return await hasTexts(path) ? 'yolo' : 'masks';
}

const taskOf: Readonly<Partial<Record<LabelPlace['kind'], Task>>> = { coco: 'detection', yolo: 'detection', masks: 'segmentation', 'anomaly masks': 'anomaly' };

export async function openLabels({ kind, path, imagesRoot }: LabelPlace, { images }: FoundImages, yaml: DatasetYaml | null): Promise<ImageLabels> {
  const classes = yaml ? classNames(yaml) : null;
  const expected = taskOf[kind];
  if (expected && yaml?.task !== undefined && yaml.task !== expected) throw new AppError('BAD_DATA', `The labels in ${basename(path)} are those of a ${expected}, but the task in dataset.yaml is ${yaml.task}.`, { hint: `Set task: ${expected}, or name other labels.` });
  switch (kind) {
    case 'coco': return openCocoLabels(path, images, imagesRoot, classes);
    case 'yolo': return openYoloLabels(path, images, classes);
    case 'masks': return openClassMasks(path, images, { classes, colors: yaml ? classColors(yaml) : null });
    case 'anomaly masks': {
      const names = classes ?? sortClasses(images.flatMap(({ label }) => label ?? []));
      return openAnomalyMasks(path, images, names, normalClass(names) ?? '');
    }
    case 'table': return openLabelTable(path, images, {
      layout: tables[extname(path).toLowerCase()] ?? 'csv', task: yaml?.task ?? null, classes, imageColumn: yaml?.image_column ?? null, labelColumn: yaml?.label_column ?? null,
      labelColumns: yaml?.label_columns ?? null, separator: yaml?.separator ?? ';',
    });
  }
}
