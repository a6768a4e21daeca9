// Which image a file of labels means by a name: as the set calls it, relative to a folder, or by the bare name where only one image has it.
import { basename, relative, sep } from 'node:path';
import type { LabelledImage } from './ImageLabels.ts';

/**
 * Answers the place of an image, null for what is not there or may be several.
 * @param roots folders that names may be relative to
 */
export function imagePlaces(images: readonly LabelledImage[], roots: readonly string[] = []): (name: string) => number | null {
  const places = new Map<string, number>();
  const byBase = new Map<string, number | null>();
  images.forEach((image, index) => {
    places.set(image.name, index);
    for (const root of roots) places.set(relative(root, image.path).split(sep).join('/'), index);
    const base = basename(image.path);
    byBase.set(base, byBase.has(base) ? null : index);
  });
  return (name) => places.get(name) ?? byBase.get(basename(name)) ?? null;
}
