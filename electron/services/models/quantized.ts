// What is handed from making a quantized model to putting it in place.
import type { Finding } from '#shared/finding';
import type { AutoResult } from '../quantize/autoRecipe.ts';
import type { Proof, ProofSample } from '../quantize/prove.ts';
import type { Setting, Written } from '../quantize/writeTask.ts';
import type { ResolvedModel } from './resolveModel.ts';

export type Source = ResolvedModel & { /** Class names in output order, where the registry knows them. */ readonly classes: readonly string[] | null };

/** The quantized model and its figures, before it is put in place. */
export interface Made {
  readonly path: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly recipe: string;
  readonly proof: Proof | null;
  readonly written: Written | null;
  readonly setting: Setting | null;
  readonly auto: AutoResult | null;
  readonly findings: readonly Finding[];
  /** What was changed in the model before it was quantized by this recipe. */
  readonly changes: readonly string[];
  /** What it was judged on. */
  readonly judged: readonly ProofSample[];
}

/** How many samples a result is judged on. */
export const judgedSamples = { fixed: 8, auto: 64 } as const;
/** The runtime's own choice, as in serving. */
export const quantizeThreads = 0;
