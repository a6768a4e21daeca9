// What an opened data set offers, whatever its layout: samples by index, their labels, and the manifest of its files.
import type { LabelKind, Layout, Task } from '#shared/contract/datasets';
import type { Finding } from '#shared/finding';
import type { Feeds, TensorValue } from '#shared/tensor';
import type { Size } from '#core/preprocess/imageGeometry';
import type { RawImage } from '#core/preprocess/resize';
import type { Offset } from '#core/robustness/disturbImage';
import type { Subgrouping } from '#core/datasets/subgroups';
import type { TruthBox } from '#core/statistics/detection';

export type { LabelKind, Layout, Task };

/** One sample, ready for the model: each feed has the batch axis of 1 where the model has a batch axis. */
export interface Sample {
  readonly feeds: Feeds;
  /** The class name, or the number as text for regression; null when the data has no labels. */
  readonly label: string | null;
  /** Where it came from: a relative file name with `/`, or `row 17`. */
  readonly name: string;
}

/** One file of the data set as the seal sees it. */
export interface ManifestEntry {
  /** Relative to the data set, with `/`, whatever the platform. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

export interface DatasetManifest {
  /** Merkle root over the sorted entries; see core/datasets/merkle.ts. */
  readonly sha256: string;
  readonly samples: number;
  readonly entries: readonly ManifestEntry[];
}

/** Identity of one sample, for finding it again in another set. */
export interface SampleIdentity {
  readonly index: number;
  readonly name: string;
  /** SHA-256 of what the sample is: the file's bytes for an image, the values for a row. */
  readonly sha256: string;
  /** 64-bit perceptual hash as 16 hex digits; null for what is not an image, and for images without structure. */
  readonly perceptualHash: string | null;
  /** 16 x 16 gray, to confirm that two images look the same. */
  readonly thumbnail?: Uint8Array;
  readonly image?: { readonly width: number; readonly height: number; readonly channels: number; readonly rotated: boolean };
}

/** A problem with one sample that was met while its identity was read. */
export interface SampleFault { readonly index: number; readonly name: string; readonly reason: string }

/** The true boxes of one sample, in pixels of the model's input; category is the place among the reader's classes. */
export interface SampleBoxes {
  readonly truths: readonly Omit<TruthBox, 'image'>[];
  /** Area of the picture that one pixel of the input stands for; 1 for arrays. */
  readonly areaOfPixel: number;
}

/** How far what a picture of that size shows was moved before it was prepared. */
export type Moved = (size: Size) => Offset;

export interface DatasetReader {
  readonly layout: Layout;
  readonly task: Task;
  readonly length: number;
  /** One entry a sample; null as a whole when the data has no labels. */
  readonly labels: readonly (string | null)[] | null;
  /** Class names in the order of the model's outputs, as far as the data tells: `labels` of dataset.yaml, else sorted. Empty for regression. */
  readonly classes: readonly string[];
  readonly names: readonly string[];
  /** How the columns that dataset.yaml names split the samples; empty where it names none. */
  readonly subgroups: readonly Subgrouping[];
  /** Reads and prepares one sample. Throws BAD_DATA naming file and row when it cannot. */
  read(index: number): Promise<Sample>;
  /** As `read`, with the picture changed before it is prepared; null for what is not a picture. */
  readonly readChanged: ((index: number, change: (image: RawImage) => RawImage) => Promise<Sample>) | null;
  /** Hashes every file; nothing is written. */
  manifest(signal?: AbortSignal): Promise<DatasetManifest>;
  /** Identity of every sample, or of those in `only`, streamed in order; a sample that cannot be read comes as a fault. */
  identities(signal?: AbortSignal, only?: ReadonlySet<number>): AsyncIterable<SampleIdentity | SampleFault>;
  /** Absolute path of the image of a sample; null for other layouts. */
  imagePath(index: number): string | null;
  /** The features of a row as text, in the order of the table; only tables have rows. */
  readonly row?: (index: number) => readonly { readonly name: string; readonly value: string }[];
  /** What samples are judged by; null without labels. */
  readonly labelKind: LabelKind | null;
  /** What a sample is judged by where one class or number does not say it: a row of 0 and 1, a mask; for an anomaly its mask. */
  readonly target?: (index: number, moved?: Moved) => Promise<TensorValue>;
  /** For detection. */
  readonly boxes?: (index: number, moved?: Moved) => Promise<SampleBoxes>;
  /** Boxes or mask in pixels of the picture as it is stored, to be drawn. */
  readonly drawn?: (index: number) => Promise<{ readonly boxes: SampleBoxes['truths'] | null; readonly mask: RawImage | null }>;
  /** Boxes of each class, or images that show it, where labels do not say it one by one. */
  readonly labelCounts?: (signal?: AbortSignal) => Promise<{ readonly counts: readonly { readonly name: string; readonly count: number }[]; readonly findings: readonly Finding[] }>;
  /** Columns of numbers, for the check: name, type, values; empty for images. */
  columns(): Promise<readonly ColumnValues[]>;
  close(): Promise<void>;
}

export interface ColumnValues {
  readonly name: string;
  readonly type: string;
  /** NaN where missing. Null for a column of text. */
  readonly numbers: Float64Array | null;
  readonly missing: number;
  /** Texts among numbers, at most 20: 1-based row of the file and value. */
  readonly misfits: readonly { readonly row: number; readonly value: string }[];
  readonly misfitCount: number;
}
