// Opens a data set of any layout: tells the layout from what is there and from dataset.yaml, and gives a reader of samples.
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, isAbsolute, join, resolve, sep } from 'node:path';
import type { DataRef, TensorInfo } from '#shared/contract/references';
import { AppError } from '#shared/errors';
import { classNames, parseDatasetYaml, type DatasetYaml } from '#core/datasets/datasetYaml';
import { translateFileError } from '../files/translateFileError.ts';
import type { Services } from '../Services.ts';
import type { DatasetReader, Layout } from './DatasetReader.ts';
import { imageExtensions } from './decodeImage.ts';
import { findLabels, openLabels } from './labels/findLabels.ts';
import { makeManifest } from './manifest.ts';
import { fileSource, openNpy, type NpyArray } from './npyFile.ts';
import { openArrays } from './openArrays.ts';
import { findImages, openImages, type FoundImages } from './openImages.ts';
import { openNpz } from './npzFile.ts';
import { specsOf } from '#core/datasets/subgroups';
import { openSubgroups, subgroupTablePath } from './openSubgroups.ts';
import { openTable } from './openTable.ts';
import { resolveDataset } from './resolveDataset.ts';

/** The inputs of the model that the samples are for. */
export interface DatasetTarget { readonly inputs: readonly TensorInfo[] }

export interface OpenedDataset extends DatasetReader {
  readonly yaml: DatasetYaml | null;
  /** What was found beside the samples, for the check; null for other layouts than images. */
  readonly found: FoundImages | null;
  /** Absolute path of the data itself, after dataset.yaml. */
  readonly path: string;
}

const tableLayouts: Readonly<Record<string, Layout>> = { '.csv': 'csv', '.tsv': 'csv', '.parquet': 'parquet', '.pq': 'parquet', '.jsonl': 'jsonl', '.ndjson': 'jsonl' };
const layoutHint = 'Accepted: class folders of PNG, JPEG, BMP or TIFF; arrays (inputs.npy, labels.npy or .npz); CSV, Parquet or JSON Lines; or a dataset.yaml naming one of these.';

/**
 * Opens the data set for reading; nothing is ever written into its folder. With a target, `read` gives feeds that fit the model's inputs.
 * Throws NOT_FOUND, PERMISSION_DENIED or BAD_DATA: one sentence that names the file, row and column.
 */
export async function openDataset(services: Pick<Services, 'store'>, ref: DataRef, target: DatasetTarget | null): Promise<OpenedDataset> {
  const resolved = resolveDataset(services, ref);
  const { path, yaml, yamlPath } = await locateData(resolved.path, resolved.schemaPath);
  try {
    const kind = await tellLayout(path, yaml);
    const reader = await openLayout(kind, path, yaml, yamlPath, target?.inputs ?? null);
    return { ...reader.reader, yaml, found: reader.found, path };
  } catch (error) { throw translateFileError(error, path, 'read'); }
}

async function openLayout(kind: Kind, path: string, yaml: DatasetYaml | null, yamlPath: string | null, inputs: readonly TensorInfo[] | null): Promise<{ reader: DatasetReader; found: FoundImages | null }> {
  const dataName = basename(path);
  // Names in the manifest start at dataset.yaml's folder where the data lies below it.
  const own = kind.folder ? path : dirname(path);
  const root = yamlPath !== null && `${own}${sep}`.startsWith(`${dirname(yamlPath)}${sep}`) ? dirname(yamlPath) : own;
  const extra = yamlPath === null ? [] : [yamlPath];
  if (typeof yaml?.labels === 'string' && kind.layout !== 'images') throw new AppError('BAD_DATA', `dataset.yaml names "${yaml.labels}" as labels, which is for images, but ${dataName} holds ${kind.layout === 'arrays' ? 'arrays' : 'a table'}.`, { hint: 'Name the labels array labels.npy, or set label_column.' });
  const common = { inputs, task: yaml?.task ?? null, classes: yaml ? classNames(yaml) : null, dataName };
  if (yaml?.preprocess && kind.layout !== 'images') throw new AppError('BAD_DATA', `dataset.yaml has preprocess, which is for images, but ${dataName} holds ${kind.layout === 'arrays' ? 'arrays' : 'a table'}.`, { hint: 'Remove preprocess, and store the values as the model takes them.' });
  if (yaml?.subgroup_table !== undefined && kind.layout !== 'images' && kind.layout !== 'arrays') throw new AppError('BAD_DATA', `dataset.yaml has subgroup_table, but ${dataName} is a table itself.`, { hint: 'Put the columns of the subgroups into it, and remove subgroup_table.' });
  switch (kind.layout) {
    case 'images': {
      const place = await findLabels(path, yaml, yamlPath);
      const found = await findImages(place?.imagesRoot ?? path, place?.path ?? null);
      if (found.images.length === 0) throw new AppError('BAD_DATA', `The folder ${dataName} holds no image.`, { hint: layoutHint });
      const labels = place === null ? null : await openLabels(place, found, yaml);
      const groupTable = subgroupTablePath(yaml, yamlPath, place?.kind === 'table' ? place.path : null);
      const files = [...new Set([...found.images.map((image) => image.path), ...(labels?.files ?? []), ...extra, ...(groupTable === null ? [] : [groupTable])])];
      const reader = openImages(found, { ...common, labels, preprocess: yaml?.preprocess ?? null, manifest: (signal) => makeManifest(root, files, found.images.length, signal) });
      return { found, reader: groupTable === null || yaml === null ? reader : { ...reader, subgroups: await openSubgroups(groupTable, yaml, found.images, reader.length) } };
    }
    case 'arrays': {
      const { arrays, files, close } = kind.folder ? await openNpyFolder(path) : dataName.endsWith('.npz') ? { ...(await openNpz(path, dataName)), files: [path] } : await openSingleNpy(path);
      const samples = [...arrays.values()][0]?.shape[0] ?? 0;
      const groupTable = subgroupTablePath(yaml, yamlPath, null);
      const sealed = [...files, ...extra, ...(groupTable === null ? [] : [groupTable])];
      const reader = await openArrays({ arrays, manifest: (signal) => makeManifest(root, sealed, samples, signal), close }, common);
      return { found: null, reader: groupTable === null || yaml === null ? reader : { ...reader, subgroups: await openSubgroups(groupTable, yaml, null, reader.length) } };
    }
    default:
      return { found: null, reader: await openTable(path, {
        ...common, layout: kind.layout, fileName: dataName, labelColumn: yaml?.label_column ?? null, labelColumns: yaml?.label_columns ?? null, separator: yaml?.separator ?? ';', ignore: yaml?.ignore ?? [],
        subgroups: specsOf(yaml?.subgroups),
        manifest: (samples, signal) => makeManifest(root, [path, ...extra], samples, signal),
      }) };
  }
}

interface Located { readonly path: string; readonly yaml: DatasetYaml | null; readonly yamlPath: string | null }

/** Follows dataset.yaml: given itself, lying in the folder, lying beside the file as NAME.yaml, or given apart. */
export async function locateData(given: string, schemaPath: string | null): Promise<Located> {
  const found = await stat(given).catch((error: unknown) => { throw translateFileError(error, given, 'read'); });
  const isYaml = found.isFile() && /\.ya?ml$/i.test(given);
  const candidates = schemaPath !== null ? [schemaPath] : isYaml ? [given] : found.isDirectory() ? [join(given, 'dataset.yaml'), join(given, 'dataset.yml')] : [];
  for (const yamlPath of candidates) {
    const text = await readFile(yamlPath, 'utf8').catch((error: unknown) => {
      if (schemaPath === null && !isYaml && typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') return null;
      throw translateFileError(error, yamlPath, 'read');
    });
    if (text === null) continue;
    const yaml = parseDatasetYaml(text, basename(yamlPath));
    const base = schemaPath !== null && !isYaml ? (found.isDirectory() ? given : dirname(given)) : dirname(yamlPath);
    if (yaml.path === undefined) return { path: isYaml ? dirname(given) : given, yaml, yamlPath };
    if (isAbsolute(yaml.path)) throw new AppError('BAD_DATA', `${basename(yamlPath)}: path must be relative to this file.`, { hint: 'So that the data set can be moved with its folder.' });
    const path = resolve(base, yaml.path);
    await stat(path).catch((error: unknown) => { throw translateFileError(error, path, 'read'); });
    return { path, yaml, yamlPath };
  }
  return { path: given, yaml: null, yamlPath: null };
}

interface Kind { readonly layout: Layout; readonly folder: boolean }

async function tellLayout(path: string, yaml: DatasetYaml | null): Promise<Kind> {
  const dataName = basename(path);
  const found = await stat(path);
  if (!found.isDirectory()) {
    const extension = extname(path).toLowerCase();
    const layout = yaml?.layout ?? tableLayouts[extension] ?? (extension === '.npz' || extension === '.npy' ? 'arrays' : null);
    if (found.size === 0) throw new AppError('BAD_DATA', `${dataName} is empty.`, { hint: layoutHint });
    if (layout === null || layout === 'images') throw new AppError('BAD_DATA', `${dataName} is not a data set that can be read.`, { hint: layoutHint });
    return { layout, folder: false };
  }
  const names = (await readdir(path)).filter((name) => !name.startsWith('.'));
  if (names.length === 0) throw new AppError('BAD_DATA', `The folder ${dataName} is empty.`, { hint: layoutHint });
  if (yaml?.layout === 'images' || yaml?.layout === 'arrays') return { layout: yaml.layout, folder: true };
  if (names.some((name) => name.endsWith('.npy'))) return { layout: 'arrays', folder: true };
  const single = names.filter((name) => name.endsWith('.npz') || tableLayouts[extname(name).toLowerCase()] !== undefined);
  const hasImages = names.some((name) => imageExtensions.some((extension) => extension === extname(name).toLowerCase()));
  const hasFolders = (await Promise.all(names.map(async (name) => (await stat(join(path, name)).catch(() => null))?.isDirectory() ?? false))).includes(true);
  if (hasImages || hasFolders) return { layout: 'images', folder: true };
  if (single.length > 0) throw new AppError('BAD_DATA', `${dataName} is a folder around ${single.slice(0, 3).join(', ')}.`, { hint: `Give the file itself, such as ${join(path, single[0] ?? '')}.` });
  throw new AppError('BAD_DATA', `The folder ${dataName} holds no data set that can be read.`, { hint: layoutHint });
}

interface OpenedArrays { readonly arrays: ReadonlyMap<string, NpyArray>; readonly files: readonly string[]; close(): Promise<void> }

async function openNpyFolder(path: string): Promise<OpenedArrays> {
  const names = (await readdir(path)).filter((name) => name.endsWith('.npy') && !name.startsWith('.')).sort();
  if (names.length === 0) throw new AppError('BAD_DATA', `The folder ${basename(path)} holds no .npy array.`, { hint: layoutHint });
  const arrays = new Map<string, NpyArray>();
  const close = async () => { for (const array of arrays.values()) await array.close(); };
  try {
    for (const name of names) {
      const source = await fileSource(join(path, name), name);
      arrays.set(name.slice(0, -'.npy'.length), await openNpy(source).catch(async (error: unknown) => { await source.close(); throw error; }));
    }
  } catch (error) { await close(); throw error; }
  return { arrays, files: names.map((name) => join(path, name)), close };
}

async function openSingleNpy(path: string): Promise<OpenedArrays> {
  const name = basename(path);
  const source = await fileSource(path, name);
  const array = await openNpy(source).catch(async (error: unknown) => { await source.close(); throw error; });
  return { arrays: new Map([['inputs', array]]), files: [path], close: () => array.close() };
}
