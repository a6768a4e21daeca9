// What images are labelled with where the folder they lie in does not say it.
import type { Finding } from '#shared/finding';
import type { LabelBox } from '#core/datasets/cocoLabels';
import type { Size } from '#core/preprocess/imageGeometry';
import type { RawImage } from '#core/preprocess/resize';
import type { LabelKind, Task } from '../DatasetReader.ts';

export interface LabelledImage { readonly name: string; readonly path: string; readonly label: string | null }

export interface ImageLabels {
  readonly kind: LabelKind;
  readonly task: Task;
  /** In the order of the model's outputs; empty where only the number of a class is known. */
  readonly classes: readonly string[];
  /** Absolute paths of the files that the labels come from; the seal covers them. */
  readonly files: readonly string[];
  /** One entry an image; null where it is not one word that an image is judged by. */
  readonly labels: readonly (string | null)[] | null;
  /** In pixels of the picture. @throws BAD_DATA where the labels are of a picture of another size */
  readonly boxes?: (index: number, size: Size) => readonly LabelBox[];
  /** One byte a pixel of the picture: the place of its class. */
  readonly mask?: (index: number, size: Size) => Promise<RawImage>;
  /** What a pixel of a mask is where the picture is not: void (255), or normal (0) for an anomaly. */
  readonly outside?: number;
  /** 0 or 1 for each class. */
  readonly set?: (index: number) => Uint8Array;
  readonly counts: (signal?: AbortSignal) => Promise<{ readonly counts: readonly { readonly name: string; readonly count: number }[]; readonly findings: readonly Finding[] }>;
}
