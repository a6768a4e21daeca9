// Reads boxes from COCO JSON (images, categories, annotations) and holds every entry against the others.
import { z } from 'zod';
import { AppError } from '#shared/errors';
import type { Box, TruthBox } from '../statistics/detection.ts';

export type LabelBox = Omit<TruthBox, 'image'>;
export interface CocoImage { readonly fileName: string; readonly width: number | null; readonly height: number | null; readonly boxes: readonly LabelBox[] }
export interface CocoLabels { readonly images: readonly CocoImage[]; readonly classes: readonly string[] }

const idSchema = z.union([z.number(), z.string()]);
const fileSchema = z.object({
  images: z.array(z.object({ id: idSchema, file_name: z.string().min(1), width: z.number().optional(), height: z.number().optional() })),
  categories: z.array(z.object({ id: idSchema, name: z.union([z.string(), z.number()]).transform(String) })),
  annotations: z.array(z.object({ id: idSchema.optional(), image_id: idSchema, category_id: idSchema, bbox: z.array(z.number()).optional(), area: z.number().nullish(), iscrowd: z.union([z.number(), z.boolean()]).nullish() })),
});

/**
 * Categories are sorted by their id, or follow `classes`. @throws BAD_DATA in one sentence that names the entry
 * @param fileName for the sentences
 */
export function parseCocoLabels(text: string, fileName: string, classes: readonly string[] | null): CocoLabels {
  let value: unknown;
  try { value = JSON.parse(text); } catch (error) { throw new AppError('BAD_DATA', `${fileName} is not valid JSON.`, { cause: error, hint: 'Export the labels again; the file was probably cut.' }); }
  const parsed = fileSchema.safeParse(value);
  if (!parsed.success) {
    const path = parsed.error.issues[0]?.path.map(String).join('.') ?? '';
    throw new AppError('BAD_DATA', `${fileName} is no COCO file of boxes: ${path === '' ? 'it' : `"${path.slice(0, 80)}"`} is missing or not what it must be.`, { hint: 'It needs images (id, file_name), categories (id, name) and annotations (image_id, category_id, bbox).' });
  }
  const { images, categories, annotations } = parsed.data;
  const sorted = [...categories].sort((a, b) => (typeof a.id === 'number' && typeof b.id === 'number' ? a.id - b.id : String(a.id) < String(b.id) ? -1 : 1));
  const names = classes ?? sorted.map(({ name }) => name);
  const stranger = sorted.find(({ name, id }) => !names.includes(name) && annotations.some(({ category_id: used }) => used === id));
  if (stranger) throw new AppError('BAD_DATA', `${fileName} has boxes of "${stranger.name.slice(0, 60)}", which is not among the classes of dataset.yaml.`, { hint: `Classes: ${names.slice(0, 30).join(', ')}.` });
  const places = new Map(sorted.map(({ id, name }) => [id, names.indexOf(name)]));
  const boxes = new Map<number | string, LabelBox[]>();
  for (const image of images) {
    if (boxes.has(image.id)) throw new AppError('BAD_DATA', `${fileName} has two images with the id ${image.id}.`, { hint: 'Export the labels again.' });
    boxes.set(image.id, []);
  }
  annotations.forEach((annotation, at) => {
    const name = `${fileName}, annotation ${annotation.id ?? at + 1}`;
    const list = boxes.get(annotation.image_id);
    if (!list) throw new AppError('BAD_DATA', `${name}: there is no image with the id ${annotation.image_id}.`, { hint: 'Add the image to "images", or remove the annotation.' });
    const category = places.get(annotation.category_id);
    if (category === undefined) throw new AppError('BAD_DATA', `${name}: there is no category with the id ${annotation.category_id}.`, { hint: 'Add it to "categories", or correct the annotation.' });
    const [x, y, width, height] = annotation.bbox ?? [];
    if (annotation.bbox?.length !== 4 || x === undefined || y === undefined || width === undefined || height === undefined || width < 0 || height < 0) throw new AppError('BAD_DATA', `${name}: bbox must be four numbers, x, y, width and height.`, { hint: 'Correct the annotation; segmentations without boxes are not read.' });
    const box: Box = [x, y, width, height];
    list.push({ category, box, area: annotation.area ?? width * height, ...(annotation.iscrowd === 1 || annotation.iscrowd === true ? { crowd: true } : {}) });
  });
  return { classes: names, images: images.map(({ id, file_name: file, width, height }) => ({ fileName: file.replaceAll('\\', '/').replace(/^\.\//, ''), width: width ?? null, height: height ?? null, boxes: boxes.get(id) ?? [] })) };
}
