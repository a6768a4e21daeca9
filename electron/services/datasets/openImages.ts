// The image layouts: a folder of class folders, or a flat folder of images without labels.
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { TensorInfo } from '#shared/contract/references';
import { AppError } from '#shared/errors';
import type { PreprocessSpec } from '#core/datasets/datasetYaml';
import { imageSignature } from '#core/datasets/perceptualHash';
import { areaOfPixel, imageGeometry, placeBox, placePixels } from '#core/preprocess/imageGeometry';
import { preprocessImage, resolvePreprocess, type ResolvedPreprocess } from '#core/preprocess/preprocessImage';
import { resizeImage, type RawImage } from '#core/preprocess/resize';
import { moveBox, moveMask } from '#core/robustness/moveLabels';
import { nearestWord } from '#core/text/nearestWord';
import { decodeImageFile, imageExtensions, imageSize } from './decodeImage.ts';
import type { DatasetReader, Moved, Task } from './DatasetReader.ts';
import type { ImageLabels } from './labels/ImageLabels.ts';
import { byName, sortClasses } from './sortClasses.ts';

export interface ImageOptions {
  readonly inputs: readonly TensorInfo[] | null;
  readonly preprocess: PreprocessSpec | null;
  readonly task: Task | null;
  readonly classes: readonly string[] | null;
  readonly dataName: string;
  readonly manifest: DatasetReader['manifest'];
  /** Where the folders are not the labels. */
  readonly labels: ImageLabels | null;
}
export interface FoundImages {
  readonly images: readonly { readonly name: string; readonly path: string; readonly label: string | null }[];
  /** Folders without an image. */
  readonly emptyClasses: readonly string[];
  /** Files that are no images, by name. */
  readonly ignored: readonly string[];
  /** Images and folders whose names begin with a dot: passed over, as such names are of tools and not of people. */
  readonly hidden: readonly string[];
}

const isHidden = (name: string) => name.startsWith('.') || name === 'Thumbs.db' || name === 'desktop.ini' || name === '__MACOSX';
const isImage = (name: string) => imageExtensions.some((extension) => extension === extname(name).toLowerCase());
/** Files that belong to a data set but are no samples. */
const isNote = (name: string) => /\.(ya?ml|md|txt|json)$/i.test(name);

/**
 * Lists images: those in a folder belong to the class of that name; nested folders count to their topmost class. Sorted by class and name.
 * @param except a folder below that holds no samples, such as one of masks
 */
export async function findImages(root: string, except: string | null = null): Promise<FoundImages> {
  const images: { name: string; path: string; label: string | null }[] = [];
  const emptyClasses: string[] = [];
  const ignored: string[] = [];
  const hidden: string[] = [];
  const walk = async (folder: string, prefix: string, label: string | null, depth: number): Promise<number> => {
    let found = 0;
    for (const name of (await readdir(folder)).sort(byName)) {
      const path = join(folder, name);
      if (path === except) continue;
      const relativeName = prefix + name;
      const entry = await stat(path).catch(() => null); // a dangling link
      if (isHidden(name)) {
        if (name.startsWith('.') && (entry?.isDirectory() || isImage(name))) hidden.push(relativeName);
        continue;
      }
      if (entry?.isDirectory()) {
        if (depth >= 8) { ignored.push(relativeName); continue; }
        const inside = await walk(path, `${relativeName}/`, label ?? name, depth + 1);
        if (inside === 0 && label === null) emptyClasses.push(name);
        found += inside;
      } else if (entry?.isFile() && isImage(name)) {
        images.push({ name: relativeName, path, label });
        found++;
      } else if (!isNote(name)) ignored.push(relativeName);
    }
    return found;
  };
  await walk(root, '', null, 0);
  return { images, emptyClasses, ignored, hidden };
}

/** Throws BAD_DATA where the folders do not fit `classes`, or the pictures cannot fit the model's input. */
export function openImages(found: FoundImages, options: ImageOptions): DatasetReader {
  const { images } = found;
  const { inputs, dataName } = options;
  const own = options.labels ?? labelsOfFolders(found, options);
  if (inputs && inputs.length !== 1) throw new AppError('BAD_DATA', `The model takes ${inputs.length} inputs, but ${dataName} holds images for one.`, { hint: 'Give a folder or .npz with one array per input.' });
  const input = inputs?.[0] ?? null;
  const spec: ResolvedPreprocess = resolvePreprocess(options.preprocess, input);
  const imageAt = (index: number) => {
    const image = images[index];
    if (!image) throw new AppError('BAD_INPUT', `${dataName} has ${images.length} samples; there is no sample ${index}.`);
    return image;
  };
  const readChanged = async (index: number, change: (image: RawImage) => RawImage) => {
    const { path, name } = imageAt(index);
    const { image } = await decodeImageFile(path, name);
    const tensor = preprocessImage(change(image), spec);
    if (input) checkFits(tensor.dims, input, name);
    return { feeds: { [input?.name ?? 'input']: tensor }, label: own.labels?.[index] ?? null, name };
  };
  return {
    layout: 'images', task: own.task, length: images.length, classes: own.classes, subgroups: [], labels: own.labels, labelKind: own.kind,
    ...judgedBy(options.labels, imageAt, spec),
    names: images.map(({ name }) => name),
    read: (index) => readChanged(index, (image) => image),
    readChanged,
    manifest: options.manifest,
    identities: async function* (signal, only) {
      for (let index = 0; index < images.length; index++) {
        if (only?.has(index) === false) continue;
        signal?.throwIfAborted();
        const { path, name } = imageAt(index);
        try {
          const { image, bytes, rotated } = await decodeImageFile(path, name);
          const { hash, thumbnail } = imageSignature(image);
          yield { index, name, sha256: createHash('sha256').update(bytes).digest('hex'), perceptualHash: hash, thumbnail, image: { width: image.width, height: image.height, channels: image.channels, rotated } };
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          yield { index, name, reason: error.message };
        }
      }
    },
    imagePath: (index) => imageAt(index).path,
    columns: () => Promise.resolve([]),
    close: () => Promise.resolve(),
  };
}

type Labelled = Pick<DatasetReader, 'task' | 'classes' | 'labels'> & { readonly kind: DatasetReader['labelKind'] };

/** Each folder is a class; without folders there are no labels. */
function labelsOfFolders({ images, emptyClasses }: FoundImages, options: ImageOptions): Labelled {
  const task = options.task ?? 'classification';
  const folders = sortClasses([...images.flatMap(({ label }) => label ?? []), ...emptyClasses]);
  if (!images.some((image) => image.label !== null) || task === 'detection' || task === 'segmentation' || task === 'multilabel') return { task, classes: options.classes ?? [], labels: null, kind: null };
  const stranger = options.classes === null ? undefined : folders.find((folder) => options.classes?.includes(folder) === false);
  if (stranger !== undefined) {
    const near = nearestWord(stranger, options.classes ?? []);
    throw new AppError('BAD_DATA', `The folder "${stranger}" of ${options.dataName} is not among the labels of dataset.yaml${near ? `; did you mean "${near}"?` : '.'}`, { hint: `Labels: ${(options.classes ?? []).slice(0, 30).join(', ')}.` });
  }
  return { task, classes: options.classes ?? folders, labels: images.map(({ label }) => label), kind: task === 'regression' ? 'number' : 'class' };
}

/** Boxes and masks go through the geometry that the picture goes through; masks by nearest neighbour, since a class has no half. */
function judgedBy(labels: ImageLabels | null, imageAt: (index: number) => { readonly name: string; readonly path: string }, spec: ResolvedPreprocess): Pick<DatasetReader, 'boxes' | 'target' | 'drawn' | 'labelCounts'> {
  if (!labels) return {};
  const { boxes, mask, set } = labels;
  const geometryOf = async (index: number) => { const { path, name } = imageAt(index); return imageGeometry(await imageSize(path, name), spec); };
  const outside = labels.outside ?? 0;
  const prepareMask = async (index: number, read: NonNullable<ImageLabels['mask']>, moved?: Moved) => {
    const geometry = await geometryOf(index);
    const { source, resized, canvas } = geometry;
    const drawn = await read(index, source);
    const { data } = resizeImage(moved ? moveMask(drawn, moved(source), outside) : drawn, resized.width, resized.height, 'nearest');
    return { type: 'uint8' as const, dims: [canvas.height, canvas.width], data: placePixels(data, 1, geometry, outside) };
  };
  return {
    labelCounts: labels.counts,
    ...(boxes || mask ? { drawn: async (index: number) => { const { source } = await geometryOf(index); return { boxes: boxes?.(index, source) ?? null, mask: await mask?.(index, source) ?? null }; } } : {}),
    ...(boxes ? { boxes: async (index: number, moved?: Moved) => {
      const geometry = await geometryOf(index);
      const { source } = geometry;
      const offset = moved?.(source);
      return { areaOfPixel: areaOfPixel(geometry), truths: boxes(index, source).flatMap((each) => {
        const kept = offset ? moveBox(each.box, offset, source) : { box: each.box, isJudged: true };
        const box = kept && placeBox(kept.box, geometry);
        return box === null ? [] : [{ ...each, box, ...(kept?.isJudged === false ? { crowd: true } : {}) }];
      }) };
    } } : {}),
    ...(mask ? { target: (index: number, moved?: Moved) => prepareMask(index, mask, moved) } : set ? { target: (index: number) => { const data = set(index); return Promise.resolve({ type: 'uint8' as const, dims: [data.length], data }); } } : {}),
  };
}

function checkFits(dims: readonly number[], input: TensorInfo, name: string): void {
  const fits = dims.length === input.shape.length && dims.every((size, axis) => { const want = input.shape[axis]; return typeof want !== 'number' || want <= 0 || want === size; });
  if (fits) return;
  throw new AppError('BAD_DATA', `${name} is prepared as ${dims.join(' x ')}, but the model's input "${input.name}" takes ${input.shape.map((size) => (typeof size === 'number' && size > 0 ? size : '?')).join(' x ')}.`, { hint: 'Set resize or crop in dataset.yaml.' });
}
