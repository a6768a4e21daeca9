// The label of a sample as a person sees it: its word, the names of its labels or boxes, and how it is drawn into the picture.
import { isAppError } from '#shared/errors';
import { drawBoxes, tintMask } from '#core/datasets/drawLabels';
import type { RawImage } from '#core/preprocess/resize';
import type { DatasetReader } from './DatasetReader.ts';

export interface ShownLabel { readonly label: string | null; readonly mark?: (small: RawImage, scale: readonly [number, number]) => Promise<RawImage> }

/** The reader is opened without a model, so that boxes and masks are those of the picture as it is stored. A label that does not fit is shown as such. */
export async function labelShown(reader: DatasetReader, index: number): Promise<ShownLabel> {
  const word = reader.labels?.[index] ?? null;
  const nameOf = (place: number) => reader.classes[place] ?? String(place);
  try {
    if (reader.boxes && reader.imagePath(index) !== null) {
      const { truths } = await reader.boxes(index);
      const counts = new Map<string, number>();
      for (const { category } of truths) counts.set(nameOf(category), (counts.get(nameOf(category)) ?? 0) + 1);
      return { label: counts.size === 0 ? 'no box' : [...counts].map(([name, count]) => (count === 1 ? name : `${count} ${name}`)).join(', '), mark: (small, scale) => Promise.resolve(drawBoxes(small, truths, scale)) };
    }
    const target = await reader.target?.(index);
    if (!target || target.type !== 'uint8') return { label: word };
    const data = Uint8Array.from(target.data as Uint8Array); // by its type
    if (reader.labelKind === 'label set') return { label: [...data.keys()].filter((place) => data[place] === 1).map(nameOf).join(', ') || 'none' };
    const [height = 1, width = 1] = target.dims;
    return { label: word, mark: (small) => Promise.resolve(tintMask(small, { width, height, channels: 1, data })) };
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { label: 'label does not fit' };
  }
}
