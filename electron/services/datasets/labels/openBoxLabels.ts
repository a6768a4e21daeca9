// Boxes of images from one COCO JSON, or from a folder with a YOLO text file an image.
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { AppError } from '#shared/errors';
import { parseCocoLabels, type CocoImage, type LabelBox } from '#core/datasets/cocoLabels';
import { parseYoloLabels, type ShareBox } from '#core/datasets/yoloLabels';
import type { ImageLabels, LabelledImage } from './ImageLabels.ts';
import { imagePlaces } from './imagePlaces.ts';

const largestJsonBytes = 400 * 1024 * 1024;
const tally = (classes: readonly string[], boxes: Iterable<{ readonly category: number }>) => {
  const counts = new Map<number, number>(classes.map((_, place) => [place, 0]));
  for (const { category } of boxes) counts.set(category, (counts.get(category) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => a - b).map(([category, count]) => ({ name: classes[category] ?? String(category), count }));
};

/** Every image must be in the file, and every image of the file must be there: what is missing would quietly count as an image that shows nothing. */
export async function openCocoLabels(path: string, images: readonly LabelledImage[], imagesRoot: string, classes: readonly string[] | null): Promise<ImageLabels> {
  const fileName = basename(path);
  if ((await stat(path)).size > largestJsonBytes) throw new AppError('BAD_DATA', `${fileName} is larger than a file of labels can be here (400 MB).`, { hint: 'Split the set.' });
  const labels = parseCocoLabels(await readFile(path, 'utf8'), fileName, classes);
  // Names are relative to the folder of the images, or to that of the JSON file; many exports give the bare name.
  const placeOf = imagePlaces(images, [imagesRoot, dirname(path)]);
  const own: (CocoImage | undefined)[] = images.map(() => undefined);
  for (const image of labels.images) {
    const index = placeOf(image.fileName);
    if (index === null) throw new AppError('BAD_DATA', `${fileName} names the image "${image.fileName.slice(0, 120)}", which is not there.`, { hint: 'Copy it into the folder of the images, or take it out of the labels.' });
    if (own[index]) throw new AppError('BAD_DATA', `${fileName} names the image "${image.fileName.slice(0, 120)}" twice.`, { hint: 'Take one of them out of the labels.' });
    own[index] = image;
  }
  const missing = own.indexOf(undefined);
  if (missing >= 0) throw new AppError('BAD_DATA', `The image ${images[missing]?.name ?? ''} is not in ${fileName}.`, { hint: 'Add it to "images" (without annotations where it shows nothing), or remove the file.' });
  return {
    kind: 'boxes', task: 'detection', classes: labels.classes, files: [path], labels: null,
    boxes: (index, size) => {
      const image = own[index];
      if (image && image.width !== null && image.height !== null && (image.width !== size.width || image.height !== size.height)) {
        throw new AppError('BAD_DATA', `${images[index]?.name ?? ''} has ${size.width} x ${size.height} pixels, but ${fileName} says ${image.width} x ${image.height}.`, { hint: 'Label the image as it is stored; where the camera turned it, save it upright.' });
      }
      return image?.boxes ?? [];
    },
    counts: () => Promise.resolve({ counts: tally(labels.classes, labels.images.flatMap(({ boxes }) => boxes)), findings: [] }),
  };
}

/** labels/NAME.txt for each image; an image without a file shows nothing, as in the training code. */
export async function openYoloLabels(folder: string, images: readonly LabelledImage[], named: readonly string[] | null): Promise<ImageLabels> {
  const folderName = basename(folder);
  const files = (await readdir(folder, { recursive: true })).map((name) => name.split(sep).join('/')).filter((name) => name.endsWith('.txt')).sort();
  // Some tools write the names of the classes beside the labels.
  const list = files.find((name) => name === 'classes.txt');
  const classes = named ?? (list === undefined ? null : (await readFile(join(folder, list), 'utf8')).split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== ''));
  const known = new Set(files);
  const used = new Set<string>(list === undefined ? [] : [list]);
  const unlabelled: string[] = [];
  const own: ShareBox[][] = [];
  for (const image of images) {
    const name = `${image.name.replace(/\.[^.]+$/, '')}.txt`;
    if (!known.has(name)) { unlabelled.push(image.name); own.push([]); continue; }
    used.add(name);
    own.push(parseYoloLabels(await readFile(join(folder, name), 'utf8'), `${folderName}/${name}`, classes?.length ?? null));
  }
  const stray = files.find((name) => !used.has(name));
  if (stray !== undefined) throw new AppError('BAD_DATA', `${folderName}/${stray} labels an image that is not there.`, { hint: 'Copy the image into the folder of the images, or remove the file.' });
  const boxes = own.flat();
  const highest = boxes.reduce((most, { category }) => Math.max(most, category), -1);
  const names = classes ?? Array.from({ length: highest + 1 }, (_, place) => String(place));
  return {
    kind: 'boxes', task: 'detection', classes: names, files: files.map((name) => join(folder, name)), labels: null,
    boxes: (index, { width, height }) => (own[index] ?? []).map(({ category, box: [x, y, w, h] }): LabelBox => ({ category, box: [x * width, y * height, w * width, h * height] })),
    counts: () => Promise.resolve({
      counts: tally(names, boxes),
      findings: unlabelled.length === 0 ? [] : [{ id: 'DATA_NO_LABEL_FILE', severity: 'info', place: unlabelled.slice(0, 3).join(', '), message: `${unlabelled.length} image${unlabelled.length === 1 ? ' has' : 's have'} no label file and count${unlabelled.length === 1 ? 's' : ''} as showing nothing.`, remedy: 'Add an empty file where that is meant, so that a forgotten one is seen.' }],
    }),
  };
}
