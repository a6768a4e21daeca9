// The schema of dataset.yaml: where the data is, how images become tensors, and what the labels mean.
import { z } from 'zod';
import { layouts, statedFacts, statedSchema, tasks, type Stated } from '#shared/contract/datasets';
import { detectorSchema } from './detectorSpec.ts';
import { parseStrictYaml } from '../text/strictYaml.ts';

const sizeSchema = z.union([z.number().int().min(1).max(16_384), z.tuple([z.number().int().min(1).max(16_384), z.number().int().min(1).max(16_384)])]);
const byteSchema = z.number().int().min(0).max(255);
const perChannelSchema = z.union([z.number(), z.array(z.number()).min(1).max(4)]);

export const preprocessSchema = z.object({
  /** One number: both sides; [width, height]: exactly; `{ shorter }`: that side, the other in proportion; `{ letterbox }`: as large as fits, with borders of gray `fill`. */
  resize: z.union([sizeSchema, z.object({ shorter: z.number().int().min(1).max(16_384) }).strict(), z.object({ letterbox: sizeSchema, fill: z.number().int().min(0).max(255).default(114) }).strict()]).optional(),
  /** Centre crop after the resize: one number or [width, height]. */
  crop: sizeSchema.optional(),
  filter: z.enum(['bilinear', 'bicubic', 'nearest']).default('bilinear'),
  layout: z.enum(['NCHW', 'NHWC']).optional(),
  color: z.enum(['rgb', 'bgr', 'gray']).optional(),
  /** Multiplies the 0 to 255 values; then (value - mean) / std. */
  scale: z.number().optional(),
  mean: perChannelSchema.optional(),
  std: perChannelSchema.optional(),
}).strict();
export type PreprocessSpec = z.infer<typeof preprocessSchema>;

const nameSchema = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const colorSchema = z.union([z.string().regex(/^#[0-9a-fA-F]{6}$/), z.tuple([byteSchema, byteSchema, byteSchema])]);

export const datasetYamlSchema = z.object({
  /** The data, relative to this file; without it the folder that holds this file. */
  path: z.string().min(1).optional(),
  layout: z.enum(layouts).optional(),
  preprocess: preprocessSchema.optional(),
  /** Class names in the order of the model's outputs; or the file or folder that holds the labels of images, relative to this file. */
  labels: z.union([z.array(nameSchema).min(1), z.string().min(1)]).optional(),
  /** Class names in the order of the model's outputs, each perhaps with its colour in masks. */
  classes: z.array(z.union([nameSchema, z.object({ name: nameSchema, color: colorSchema.optional() }).strict()])).min(1).optional(),
  /** Colour of pixels in masks that are not judged. */
  void_color: colorSchema.optional(),
  label_column: z.string().min(1).optional(),
  /** Multilabel: columns of 0 and 1, one a label. */
  label_columns: z.array(z.string().min(1)).min(1).optional(),
  /** Multilabel: what stands between the labels of one cell. */
  separator: z.string().min(1).max(8).optional(),
  /** The column of a table of labels that names the image. */
  image_column: z.string().min(1).optional(),
  detector: detectorSchema.optional(),
  task: z.enum(tasks).optional(),
  /** Columns that split the results, each by itself; a list within the list is crossed. */
  subgroups: z.union([z.string().min(1), z.array(z.union([z.string().min(1), z.array(z.string().min(1)).min(2).max(4)])).min(1)]).optional(),
  /** For images and arrays: the table that holds these columns, relative to this file; without it the table of the labels. */
  subgroup_table: z.string().min(1).optional(),
  /** Columns of a table that are not for the model: part numbers, times. */
  ignore: z.array(z.string().min(1)).optional(),
  name: z.string().max(200).optional(),
  description: z.string().max(10_000).optional(),
  source: z.string().max(10_000).optional(),
  licence: z.string().max(1000).optional(),
  ...statedSchema.shape,
  /** Agreement may be a plain number there. */
  labelling: statedFacts.labelling.extend({ agreement: z.union([z.string().trim().min(1).max(2000), z.number()]).transform(String).optional() }).optional(),
}).strict();
export type DatasetYaml = z.infer<typeof datasetYamlSchema>;

/** Throws BAD_DATA with line, key and what is allowed. */
export const parseDatasetYaml = (text: string, fileName = 'dataset.yaml'): DatasetYaml => parseStrictYaml(text, datasetYamlSchema, { fileName, code: 'BAD_DATA' });

/** What the file states of the samples' origin; null where nothing is. */
export function statedIn({ collected, labelling, exclusions }: DatasetYaml): Stated | null {
  return collected || labelling || exclusions ? { ...(collected && { collected }), ...(labelling && { labelling }), ...(exclusions && { exclusions }) } : null;
}

/** Class names in the order of the model's outputs; null where the file lists none. */
export function classNames({ labels, classes }: DatasetYaml): readonly string[] | null {
  if (classes) return classes.map((each) => (typeof each === 'string' ? each : each.name));
  return Array.isArray(labels) ? labels : null;
}

type Color = readonly [number, number, number];
const colorOf = (color: string | Color): Color => (typeof color === 'string' ? [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16)) as [number, number, number] : color); // three pairs of digits by the schema

/** Place of the class by the colour of its pixels, 255 for void; null where no class has a colour. */
export function classColors({ classes, void_color: none }: DatasetYaml): ReadonlyMap<number, number> | null {
  const colors = new Map<number, number>();
  const key = ([r, g, b]: Color) => (r << 16) | (g << 8) | b;
  classes?.forEach((each, place) => { if (typeof each !== 'string' && each.color !== undefined) colors.set(key(colorOf(each.color)), place); });
  if (colors.size === 0) return null;
  if (none !== undefined) colors.set(key(colorOf(none)), 255);
  return colors;
}
