// The label of a sample as a person sees it: its word, the names of its labels or boxes, and how it is drawn into the picture.
import { isAppError } from '#shared/errors';
import { drawBoxes, tintMask } from '#core/datasets/drawLabels';
import type { RawImage } from '#core/preprocess/resize';
import type { DatasetReader } from './DatasetReader.ts';

export interface ShownLabel { readonly label: string | null; readonly mark?: (small: RawImage, scale: readonly [number, number]) => Promise<RawImage> }

/** A label that does not fit its picture is shown as such. */
export async function labelShown(reader: DatasetReader, index: number): Promise<ShownLabel> {
  const word = reader.labels?.[index] ?? null;
  const nameOf = (place: number) => reader.classes[place] ?? String(place);
  try {
    const { boxes, mask } = await reader.drawn?.(index) ?? { boxes: null, mask: null };
    if (boxes) {
      const counts = new Map<string, number>();
      for (const { category } of boxes) counts.set(nameOf(category), (counts.get(nameOf(category)) ?? 0) + 1);
      return { label: counts.size === 0 ? 'no box' : [...counts].map(([name, count]) => (count === 1 ? name : `${count} ${name}`)).join(', '), mark: (small, scale) => Promise.resolve(drawBoxes(small, boxes, scale)) };
    }
    if (mask) return { label: word, mark: (small) => Promise.resolve(tintMask(small, mask)) };
    if (reader.labelKind !== 'label set') return { label: word };
    const set = await reader.target?.(index);
    return { label: Array.from(set?.data ?? [], Number).flatMap((value, place) => (value > 0.5 ? [nameOf(place)] : [])).join(', ') || 'none' };
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { label: 'label does not fit' };
  }
}
