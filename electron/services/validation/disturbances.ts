// How the samples of a set are disturbed, and why some of it cannot be done.
import type { Task } from '#shared/contract/datasets';
import type { Feeds } from '#shared/tensor';
import { feedDisturbances, spreadOf } from '#core/robustness/disturbFeeds';
import { imageDisturbances } from '#core/robustness/disturbImage';
import { seededRandom } from '#core/statistics/bootstrap';
import type { DatasetReader, Moved, Sample } from '../datasets/DatasetReader.ts';

export interface Disturbed {
  readonly kind: string;
  readonly unit: string;
  readonly severities: readonly number[];
  /** Null: it can be done. */
  readonly notPerformed: string | null;
  read(index: number, severity: number): Promise<Sample>;
  /** How far it moves what the labels of that sample are about. */
  readonly moved: ((index: number, severity: number) => Moved) | null;
}

const seed = 20250101;

/** Random numbers that depend on the sample and the severity only, so that a resumed run gives the same curve. */
const randomFor = (index: number, severity: number) => seededRandom(seed + index * 7919 + Math.round(severity * 104_729));

/** All of them, or why there is none. */
export async function disturbances(reader: DatasetReader): Promise<readonly Disturbed[] | { readonly reason: string }> {
  const { readChanged } = reader;
  if (readChanged) {
    return imageDisturbances.map(({ kind, unit, severities, apply, moves }) => ({
      kind, unit, severities, notPerformed: moves ? noMeaning(reader.task) : null,
      read: (index, severity) => readChanged(index, (image) => apply(image, severity, randomFor(index, severity))),
      moved: moves ? (index, severity) => (size) => moves(size, severity, randomFor(index, severity)) : null,
    }));
  }
  const feeds: Feeds[] = [];
  for (let index = 0; index < reader.length; index++) {
    const read = (await reader.read(index)).feeds;
    if (reader.layout === 'arrays' && Object.values(read).some(({ dims }) => dims.length > 2)) return { reason: 'The samples are arrays of several axes: what light, blur, noise or dirt do to them is not known.' };
    feeds.push(read);
  }
  const spread = spreadOf(feeds);
  if (spread.size === 0) return { reason: 'No input is made of floating-point numbers, which noise and missing values are for.' };
  return feedDisturbances.map(({ kind, unit, severities, apply }) => ({
    kind, unit, severities, notPerformed: null, moved: null,
    read: async (index, severity) => { const sample = await reader.read(index); return { ...sample, feeds: apply(sample.feeds, spread, severity, randomFor(index, severity)) }; },
  }));
}

/** Classes, boxes and masks go along with a picture that moves. */
const noMeaning = (task: Task): string | null => (task === 'regression' ? 'The number of a sample may tell where something lies: what it is after a shift is not known.' : null);

/** The set at one severity, with labels that are moved as the pictures are. */
export function disturbedReader(reader: DatasetReader, { read, moved }: Disturbed, severity: number): DatasetReader {
  const { target, boxes } = reader;
  const by = (index: number): [Moved] | [] => (moved ? [moved(index, severity)] : []);
  return {
    ...reader, read: (index) => read(index, severity),
    ...(target ? { target: (index: number) => target(index, ...by(index)) } : {}),
    ...(boxes ? { boxes: (index: number) => boxes(index, ...by(index)) } : {}),
  };
}
