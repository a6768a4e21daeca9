// The receipt beside a quantized model: what it was made from, how, and what was measured. The same input gives the same model bytes.
import type { QuantizeInput, QuantizeOutput } from '#shared/contract/optimize';

export interface QuantizeReceipt {
  readonly kind: 'millwright.quantize';
  readonly version: 1;
  readonly madeAt: string;
  readonly millwright: string;
  readonly settings: Omit<QuantizeInput, 'model' | 'outputPath' | 'force' | 'calibration'>;
  readonly calibration: { readonly samples: number; readonly judged: number; readonly heldOut: boolean };
  /** Changes made before quantizing, one sentence each. */
  readonly changes: readonly string[];
  readonly result: Omit<QuantizeOutput, 'outputPath' | 'modelId'>;
}
