// Images: the serving image, put together without a registry, as a file or straight into the container engine.
import { z } from 'zod';
import { job } from './operation.ts';
import { modelRefSchema } from './references.ts';

export const builtImageSchema = z.object({
  path: z.string(), sizeBytes: z.number(), tag: z.string(),
  /** The image id in Docker's classic store: the same parts and model give the same id. */
  imageId: z.string(),
  /** The id in stores of the newer kind, and in registries. */
  manifestDigest: z.string(),
  layers: z.array(z.object({ name: z.string(), diffId: z.string(), sizeBytes: z.number() })),
  durationMs: z.number(),
});
export type BuiltImage = z.infer<typeof builtImageSchema>;

export const loadedImageSchema = z.object({ imageId: z.string(), tag: z.string().nullable(), alreadyThere: z.boolean(), engine: z.string(), durationMs: z.number() });
export type LoadedImage = z.infer<typeof loadedImageSchema>;

export const imageRecipeSchema = z.object({ path: z.string(), tag: z.string(), files: z.array(z.object({ name: z.string(), sizeBytes: z.number() })) });

export const imagesOperations = {
  /** With a model it becomes a layer of its own and is served under `name`; without one, models are mounted at /models. */
  'images.build': job('Build the serving image', 'light', () => z.object({ outputPath: z.string().min(1), force: z.boolean().default(false), model: modelRefSchema.optional(), name: z.string().min(1).max(80).optional() }), () => builtImageSchema),
  /** A folder for `docker build` on a machine with a network: the serving image with CUDA, whose libraries are not ours to carry. */
  'images.recipe': job('Write the recipe of the CUDA image', 'light', () => z.object({ outputPath: z.string().min(1), force: z.boolean().default(false) }), () => imageRecipeSchema),
  /** Without a path the serving image of this installation is loaded. */
  'images.load': job('Load an image', 'light', () => z.object({ path: z.string().min(1).optional() }), () => loadedImageSchema),
} as const;
