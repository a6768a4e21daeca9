// The receipt beside a quantized model: what it was made from, how, and what was measured. The same input gives the same model bytes.
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { quantizeInputSchema, quantizeOutputSchema } from '#shared/contract/optimize';
import { sha256Schema } from '#shared/contract/references';
import { jsonOrNull } from '#shared/jsonOrNull';

export const quantizeReceiptSchema = z.object({
  kind: z.literal('millwright.quantize'), version: z.literal(1), madeAt: z.string(), millwright: z.string(),
  settings: quantizeInputSchema.omit({ model: true, outputPath: true, force: true, calibration: true }),
  calibration: z.object({
    samples: z.number(), judged: z.number(), heldOut: z.boolean(),
    /** Which set it was; null where none was given. */
    set: z.object({ name: z.string(), manifestSha256: sha256Schema }).nullable().default(null),
  }),
  /** Changes made before quantizing, one sentence each. */
  changes: z.array(z.string()),
  result: quantizeOutputSchema.omit({ outputPath: true, modelId: true }),
});
export type QuantizeReceipt = Readonly<z.infer<typeof quantizeReceiptSchema>>;

export const receiptPathOf = (outputPath: string): string => `${outputPath}.receipt.json`;

/** The receipt beside a model; null where there is none, or one of another file. */
export async function receiptBeside(modelPath: string, modelSha256: string): Promise<QuantizeReceipt | null> {
  const text = await readFile(receiptPathOf(modelPath), 'utf8').catch(() => null);
  const parsed = text === null ? null : quantizeReceiptSchema.safeParse(jsonOrNull(text));
  return parsed?.success && parsed.data.result.outputSha256 === modelSha256 ? parsed.data : null;
}
