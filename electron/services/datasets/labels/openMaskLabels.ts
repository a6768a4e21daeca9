// Masks of images from a folder of PNG files with the same names: class numbers, colours of classes, or what is anomalous.
import { readFile, readdir, stat } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { inflateSync } from 'node:zlib';
import { AppError } from '#shared/errors';
import { decodePng } from '#core/preprocess/decodePng';
import type { Size } from '#core/preprocess/imageGeometry';
import type { RawImage } from '#core/preprocess/resize';
import type { ImageLabels, LabelledImage } from './ImageLabels.ts';

const pixelsMax = 268_402_689;
const voidClass = 255;
const inflate = (bytes: Uint8Array, bytesMax: number) => inflateSync(bytes, { maxOutputLength: bytesMax + 1 });

/** Numbers as they are stored: the index of a palette, the value of gray; three bytes a pixel for colours. */
const decodeMask = async (path: string, name: string): Promise<RawImage> => decodePng(await readFile(path), name, pixelsMax, inflate, 'index');

async function readMask(path: string, name: string, size: Size): Promise<RawImage> {
  const mask = await decodeMask(path, name);
  if (mask.width !== size.width || mask.height !== size.height) throw new AppError('BAD_DATA', `The mask ${name} has ${mask.width} x ${mask.height} pixels, but its image has ${size.width} x ${size.height}.`, { hint: 'Export the mask in the size of the image.' });
  return mask;
}

const listMasks = async (folder: string): Promise<string[]> => (await readdir(folder, { recursive: true })).map((name) => name.split(sep).join('/')).filter((name) => /\.png$/i.test(name)).sort();
const stemOf = (name: string) => name.replace(/\.[^./]+$/, '');

export interface MaskOptions {
  /** Null where dataset.yaml names none: then classes are the numbers. */
  readonly classes: readonly string[] | null;
  /** Place of the class by 24-bit colour, 255 for void. */
  readonly colors: ReadonlyMap<number, number> | null;
}

/** Segmentation: one mask an image. */
export async function openClassMasks(folder: string, images: readonly LabelledImage[], { classes, colors }: MaskOptions): Promise<ImageLabels> {
  const folderName = basename(folder), files = await listMasks(folder);
  const byStem = new Map(files.map((name) => [stemOf(name), name]));
  const own = images.map(({ name }) => {
    const stem = stemOf(name), found = byStem.get(stem) ?? byStem.get(`${stem}_mask`);
    if (found === undefined) throw new AppError('BAD_DATA', `${folderName} has no mask for the image ${name}; it would be ${stem}.png.`, { hint: 'Add the mask, or remove the image.' });
    return found;
  });
  const used = new Set(own), stray = files.find((name) => !used.has(name));
  if (stray !== undefined) throw new AppError('BAD_DATA', `${folderName}/${stray} is the mask of an image that is not there.`, { hint: 'Copy the image into the folder of the images, or remove the mask.' });
  const shownName = (file: string) => `${folderName}/${file}`;
  const read = async (index: number, size: Size): Promise<RawImage> => {
    const file = own[index] ?? '';
    return toPlaces(await readMask(join(folder, file), shownName(file), size), shownName(file), classes, colors);
  };
  return {
    kind: 'mask', task: 'segmentation', classes: classes ?? [], files: files.map((name) => join(folder, name)), labels: null, outside: voidClass, mask: read,
    counts: async (signal) => {
      const shown = new Map<number, number>((classes ?? []).map((_, place) => [place, 0]));
      for (const file of own) {
        signal?.throwIfAborted();
        const { data } = toPlaces(await decodeMask(join(folder, file), shownName(file)), shownName(file), classes, colors);
        for (const place of new Set(data)) if (place !== voidClass) shown.set(place, (shown.get(place) ?? 0) + 1);
      }
      return { counts: [...shown].sort(([a], [b]) => a - b).map(([place, count]) => ({ name: classes?.[place] ?? String(place), count })), findings: [] };
    },
  };
}

function toPlaces({ width, height, channels, data }: RawImage, name: string, classes: readonly string[] | null, colors: ReadonlyMap<number, number> | null): RawImage {
  const places = channels === 1 && !colors ? data : new Uint8Array(width * height);
  for (let pixel = 0; pixel < places.length; pixel++) {
    const [r = 0, g = 0, b = 0] = channels === 1 ? [data[pixel], data[pixel], data[pixel]] : data.subarray(pixel * 3, pixel * 3 + 3);
    const where = () => `The mask ${name}, pixel ${pixel % width}, ${Math.floor(pixel / width)}`;
    if (channels === 3 && !colors && (r !== g || g !== b)) throw new AppError('BAD_DATA', `The mask ${name} has colours, but dataset.yaml does not say which class each stands for.`, { hint: 'Write classes: [{ name: lid, color: "#ff0000" }, …], or export masks with class numbers.' });
    const place = colors && channels === 3 ? colors.get((r << 16) | (g << 8) | b) : r;
    if (place === undefined) throw new AppError('BAD_DATA', `${where()}: the colour #${[r, g, b].map((each) => each.toString(16).padStart(2, '0')).join('')} is that of no class.`, { hint: 'Add it to classes in dataset.yaml, or as void_color where such pixels are not judged.' });
    if (classes && place !== voidClass && place >= classes.length) throw new AppError('BAD_DATA', `${where()}: there is no class ${place}; dataset.yaml lists ${classes.length}.`, { hint: 'The first class has the number 0; 255 stands for pixels that are not judged.' });
    places[pixel] = place;
  }
  return { width, height, channels: 1, data: places };
}

/** Anomaly: ground_truth/DEFECT/NAME_mask.png as in MVTec AD; images of the normal class have none. */
export async function openAnomalyMasks(folder: string, images: readonly LabelledImage[], classes: readonly string[], normal: string): Promise<ImageLabels> {
  const folderName = basename(folder), files = await listMasks(folder);
  const known = new Set(files);
  const own = images.map(({ name, label }) => {
    if (label === normal) return null;
    const stem = stemOf(name), found = [`${stem}_mask.png`, `${stem}.png`].find((candidate) => known.has(candidate));
    if (found === undefined) throw new AppError('BAD_DATA', `${folderName} has no mask for the image ${name}; it would be ${stem}_mask.png.`, { hint: 'Add the mask, or remove the folder of masks: then only scores are judged.' });
    return found;
  });
  return {
    kind: 'class and mask', task: 'anomaly', classes, files: files.map((name) => join(folder, name)), labels: images.map(({ label }) => label), outside: 0,
    mask: async (index, size) => {
      const name = own[index] ?? null;
      if (name === null) return { ...size, channels: 1, data: new Uint8Array(size.width * size.height) };
      const { channels, data } = await readMask(join(folder, name), `${folderName}/${name}`, size);
      return { ...size, channels: 1, data: Uint8Array.from({ length: size.width * size.height }, (_, pixel) => (data[pixel * channels] === 0 ? 0 : 1)) };
    },
    counts: () => Promise.resolve({ counts: classes.map((name) => ({ name, count: images.filter(({ label }) => label === name).length })), findings: [] }),
  };
}

export const isFolder = async (path: string): Promise<boolean> => (await stat(path).catch(() => null))?.isDirectory() ?? false;
