// A part of a data set that reads like a whole one.
import { AppError } from '#shared/errors';
import type { DatasetReader, Moved } from './DatasetReader.ts';

/** Samples at `indices`, in that order; manifest, columns and close are those of the whole set. */
export function subsetReader(reader: DatasetReader, indices: readonly number[]): DatasetReader {
  const at = (index: number) => indices[index] ?? -1;
  const pick = <T>(list: readonly T[] | null): T[] | null => (list ? indices.flatMap((index) => { const item = list[index]; return item === undefined ? [] : [item]; }) : null);
  return {
    ...reader, length: indices.length, labels: pick(reader.labels), names: pick(reader.names) ?? [], subgroups: reader.subgroups.map(({ column, values }) => ({ column, values: indices.map((index) => values[index] ?? '') })),
    read: (index) => reader.read(at(index)),
    readChanged: reader.readChanged && ((index, change) => reader.readChanged?.(at(index), change) ?? reader.read(at(index))),
    imagePath: (index) => reader.imagePath(at(index)),
    ...(reader.target ? { target: async (index: number, moved?: Moved) => { const value = await reader.target?.(at(index), moved); if (!value) throw new AppError('INTERNAL', 'The subset lost its labels.'); return value; } } : {}),
    ...(reader.boxes ? { boxes: async (index: number, moved?: Moved) => { const value = await reader.boxes?.(at(index), moved); if (!value) throw new AppError('INTERNAL', 'The subset lost its boxes.'); return value; } } : {}),
    ...(reader.drawn ? { drawn: async (index: number) => await reader.drawn?.(at(index)) ?? { boxes: null, mask: null } } : {}),
    ...(reader.row ? { row: (index: number) => reader.row?.(at(index)) ?? [] } : {}),
    identities: async function* (signal, only) {
      const places = new Map(indices.flatMap((index, place) => (only?.has(place) === false ? [] : [[index, place] as const])));
      for await (const entry of reader.identities(signal, new Set(places.keys()))) yield { ...entry, index: places.get(entry.index) ?? -1 };
    },
  };
}
