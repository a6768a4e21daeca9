// Quantization and the comparison of a model with its original.
import { z } from 'zod';
import { findingSchema } from '../finding.ts';
import { job } from './operation.ts';
import { dataRefSchema, modelRefSchema, sha256Schema } from './references.ts';

export const recipes = ['auto', 'dynamic-int8', 'static-int8', 'int8-weights', 'int4-weights', 'fp16'] as const;
/** Those that multiply integers. */
export const integerRecipes: readonly (typeof recipes)[number][] = ['auto', 'dynamic-int8', 'static-int8'];
export const calibrationMethods = ['minmax', 'entropy', 'percentile', 'mse'] as const;
/** Steps that lower the error of static INT8. bias: means shifted by rounding · equalize: scales between layers · smooth: wide activations into weights · float-products: matrix products answer float
 * headroom: ranges reach beyond what was seen where few samples make it likely that more comes. */
export const corrections = ['bias', 'equalize', 'smooth', 'float-products', 'headroom'] as const;
/** How weights in blocks are rounded. nearest: the scale that covers the block · hqq: half-quadratic, needs no data · gptq: errors taken up by later weights as the calibration data allows. */
export const roundings = ['nearest', 'hqq', 'gptq'] as const;
export const blockSizes = [16, 32, 64, 128, 256] as const;
/** nbits: the runtime's own operators · qdq: operators of ONNX 21 alone. */
export const blockFormats = ['nbits', 'qdq'] as const;
export const activationTypes = ['u8', 's8', 'u16'] as const;

export const quantizeInputSchema = z.object({
  model: modelRefSchema,
  /** Where to write; without it the result goes into the registry only. */
  outputPath: z.string().optional(), force: z.boolean().default(false),
  recipe: z.enum(recipes).default('auto'),
  calibration: dataRefSchema.optional(),
  method: z.enum(calibrationMethods).default('minmax'),
  perChannel: z.boolean().default(true),
  activations: z.enum(activationTypes).default('u8'),
  /** Of `integerRecipes`: INT8 weights in 7 bits, whose sums saturate nowhere, also not in other programs on processors without VNNI. */
  reduceRange: z.boolean().default(false),
  /** Nodes to keep in float: names, `type:Softmax`, or patterns with `*`. */
  exclude: z.array(z.string()).default([]),
  /** Measure what quantizing each layer alone does to the output; takes a run of the model for each. */
  blame: z.boolean().optional(),
  /** Largest accuracy loss allowed, in percentage points. */
  maxDropPercent: z.number().min(0).max(100).default(1),
  goal: z.enum(['speed', 'size', 'accuracy']).default('speed'),
  samples: z.number().int().min(1).optional(),
  /** For static-int8; without it, what is measured to help. `auto` tries all of them. None in parity mode. */
  corrections: z.array(z.enum(corrections)).optional(),
  /** Of int4-weights and int8-weights: values that share a scale. int4-weights take 32; int8-weights have one scale per output channel without it. */
  blockSize: z.union(blockSizes.map((size) => z.literal(size))).optional(),
  /** Of weights in blocks: no zero point is stored. Without it only in parity mode. */
  symmetricWeights: z.boolean().optional(),
  /** Of weights in blocks. Without it gptq where calibration data is given, else nearest; nearest in parity mode. */
  rounding: z.enum(roundings).optional(),
  /** Of weights in blocks: how they stand in the file. */
  blockFormat: z.enum(blockFormats).default('nbits'),
  /** Settings equal to the Python reference, byte for byte. */
  parity: z.boolean().default(false),
  /** Load, run and compare the result before it is called done. Without it the result says that it was not proven; auto is always measured. */
  proof: z.boolean().default(true),
  /** For --recipe auto: how long the measuring may take. */
  budgetMs: z.number().positive().default(120_000),
});
export type QuantizeInput = z.infer<typeof quantizeInputSchema>;

/** What was compared of the answers, beside their signal-to-noise ratio; absent in receipts of former versions. */
const answerFigures = {
  /** Least share of equal entries in an integer or bool output, over the samples; null where the model has none. */
  agreement: z.number().nullable().optional(),
  /** False where no value of any output could be compared. */
  compared: z.boolean().optional(),
  /** Every output was compared on every sample, and no value differs. */
  identical: z.boolean().optional(),
};

export const candidateSchema = z.object({
  name: z.string(), recipe: z.string(), chosen: z.boolean(), rejectedBecause: z.string().nullable(),
  sizeBytes: z.number(), sqnrDb: z.number().nullable(), ...answerFigures, latencyMs: z.number().nullable(),
  /** Latency against the original, interleaved; below 1 is faster. */
  latencyRatio: z.number().nullable(), accuracyDrop: z.number().nullable(),
});
export type Candidate = z.infer<typeof candidateSchema>;

export const quantizeOutputSchema = z.object({
  recipe: z.string(), inputSha256: sha256Schema, outputSha256: sha256Schema, inputBytes: z.number(), outputBytes: z.number(), ratio: z.number(),
  /** Of the first float output; null where it is bit-identical (infinite), where there is none, or nothing was compared: `identical` and `compared` tell. */
  sqnrDb: z.number().nullable(),
  ...answerFigures,
  /** False where the user asked for no proof: nobody has run this file yet. */
  proven: z.boolean().default(true),
  nodesQuantized: z.number(),
  nodesKept: z.array(z.object({ node: z.string(), reason: z.string() })),
  layers: z.array(z.object({
    node: z.string(), operator: z.string().optional(), sqnrDb: z.number().nullable(),
    /** SQNR of the first output where this layer alone is quantized; absent where it was not measured, null where nothing changes. */
    aloneDb: z.number().nullable().optional(),
    /** Share of the layer's values, on the judged samples, outside the range that its integers cover. */
    clipShare: z.number().optional(),
    /** Share of that range that no value came near. */
    deadShare: z.number().optional(),
  })),
  durationMs: z.number(), findings: z.array(findingSchema),
  /** True where no candidate was both faster and good enough, and the original was kept. */
  keptOriginal: z.boolean(),
  candidates: z.array(candidateSchema),
  /** FP32 against an equal FP32 copy: how far measured ratios wander on this machine. */
  nullControl: z.object({ low: z.number(), high: z.number() }).nullable(),
  outputPath: z.string(), modelId: z.string().nullable(),
});
export type QuantizeOutput = z.infer<typeof quantizeOutputSchema>;

export const flipSchema = z.object({ sample: z.string(), label: z.string().nullable(), before: z.string(), after: z.string(), margin: z.number() });
export type Flip = z.infer<typeof flipSchema>;

export const compareOutputSchema = z.object({
  samples: z.number(), flips: z.array(flipSchema),
  sqnrDb: z.number().nullable(), cosine: z.number(), maxAbsError: z.number(),
  accuracy: z.object({ a: z.number(), b: z.number() }).nullable(),
  bitExact: z.boolean(),
  /** What could not be compared, and why; one sentence each. */
  remarks: z.array(z.string()).optional(),
});
export type CompareOutput = z.infer<typeof compareOutputSchema>;

/** A tensor of one layer over samples. `stored` is read from the file; null where it keeps the tensor in float, and then the shares are null too. */
export const tensorHistogramSchema = z.object({
  role: z.enum(['output', 'input']), tensor: z.string(),
  stored: z.object({ low: z.number(), high: z.number(), scale: z.number(), zeroPoint: z.number(), type: z.string() }).nullable(),
  min: z.number(), max: z.number(), values: z.number(), nonFinite: z.number(),
  /** Share below a range that begins at zero: that range takes the place of a ReLU, and these values are what it turns into zero. Not in `clipShare`. */
  belowZeroShare: z.number().nullable(),
  /** Share of finite values outside the stored range. */
  clipShare: z.number().nullable(),
  /** Share of the type's codes that no value became. */
  unusedShare: z.number().nullable(),
  bins: z.array(z.object({ from: z.number(), to: z.number(), count: z.number() })),
});
export const histogramOutputSchema = z.object({ node: z.string(), samples: z.number(), tensors: z.array(tensorHistogramSchema) });
export type HistogramOutput = z.infer<typeof histogramOutputSchema>;

export const optimizeOperations = {
  'models.histogram': job('Distribution of a layer', 'compute', () => z.object({ model: modelRefSchema, data: dataRefSchema, node: z.string().min(1), samples: z.number().int().min(1).default(32) }), () => histogramOutputSchema),
  'models.quantize': job('Quantize', 'compute', () => quantizeInputSchema, () => quantizeOutputSchema),
  'models.compare': job('Compare two models on data', 'compute', () => z.object({ a: modelRefSchema, b: modelRefSchema, data: dataRefSchema, samples: z.number().int().min(1).optional() }), () => compareOutputSchema),
} as const;
