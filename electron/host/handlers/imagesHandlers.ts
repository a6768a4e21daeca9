// Answers the operations on images.
import { buildImage } from '#services/images/buildImage';
import { writeCudaRecipe } from '#services/images/cudaRecipe';
import { loadImageFile } from '#services/images/loadImageFile';
import type { HandlersOf } from './Handlers.ts';

const nameOf = (path: string) => path.split(/[\\/]/).pop() ?? path;

export const imagesHandlers: HandlersOf<'images.build' | 'images.recipe' | 'images.load'> = (services) => ({
  'images.build': { subject: ({ outputPath }) => nameOf(outputPath), run: (input, context) => buildImage(services, input, context) },
  'images.recipe': { subject: ({ outputPath }) => nameOf(outputPath), run: (input, context) => writeCudaRecipe(services, input, context) },
  'images.load': { subject: ({ path }) => (path === undefined ? 'serving image' : nameOf(path)), run: (input, context) => loadImageFile(services, input, context) },
});
