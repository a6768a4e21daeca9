// The schema of dataset.yaml: where the data is, how images become tensors, and what the labels mean.
import { z } from 'zod';
import { layouts, tasks } from '#shared/contract/datasets';
import { parseStrictYaml } from '../text/strictYaml.ts';

const sizeSchema = z.union([z.number().int().min(1).max(16_384), z.tuple([z.number().int().min(1).max(16_384), z.number().int().min(1).max(16_384)])]);
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

export const datasetYamlSchema = z.object({
  /** The data, relative to this file; without it the folder that holds this file. */
  path: z.string().min(1).optional(),
  layout: z.enum(layouts).optional(),
  preprocess: preprocessSchema.optional(),
  /** Class names in the order of the model's outputs. */
  labels: z.array(z.union([z.string(), z.number(), z.boolean()]).transform(String)).min(1).optional(),
  label_column: z.string().min(1).optional(),
  task: z.enum(tasks).optional(),
  /** Column (tables) that splits the results. */
  subgroups: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).optional(),
  /** Columns of a table that are not for the model: part numbers, times. */
  ignore: z.array(z.string().min(1)).optional(),
  name: z.string().max(200).optional(),
  description: z.string().max(10_000).optional(),
  source: z.string().max(10_000).optional(),
  licence: z.string().max(1000).optional(),
}).strict();
export type DatasetYaml = z.infer<typeof datasetYamlSchema>;

/** Throws BAD_DATA with line, key and what is allowed. */
export const parseDatasetYaml = (text: string, fileName = 'dataset.yaml'): DatasetYaml => parseStrictYaml(text, datasetYamlSchema, { fileName, code: 'BAD_DATA' });
