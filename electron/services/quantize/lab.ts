// The state that a quantization keeps in its worker process between tasks: the prepared model, what was observed, and the open sessions.
import { collectGarbage } from './collectGarbage.ts';
import { AppError } from '#shared/errors';
import type { TensorInfo } from '#shared/contract/references';
import type { ModelProto } from '#core/onnx/schema/onnx_pb';
import type { InputGram } from '#core/quantize/blocks/inputGram';
import type { ChannelStats } from '#core/quantize/correct/channelInputs';
import type { ExposedOutputs } from '#core/quantize/observers/exposeTensors';
import type { SampleExtremes } from '#core/quantize/observers/headroom';
import type { ReferenceHistogram } from '#core/quantize/observers/referencePercentile';
import type { StreamHistogram } from '#core/quantize/observers/streamHistogram';
import type { Range } from '#core/quantize/static/StaticOptions';
import type { NativeSession } from '../inference/nativeSession.ts';
import type { SquareSession } from './squareProduct.ts';
import type { WeightStore } from './weightStore.ts';

export interface Lab {
  /** The original in plain form: its weights as constants, in the store. */
  readonly normalPath: string;
  readonly weights: WeightStore;
  /** Scratch files of this job. */
  readonly workDir: string;
  readonly threads: number;
  /** The model in the form that is quantized: constants as initializers, folded, opset raised; its large weights are in the store. */
  readonly model: ModelProto;
  /** The same with all weights in it, while candidates are written. */
  whole: ModelProto | null;
  readonly inputs: readonly TensorInfo[];
  observing: Observing | null;
  comparing: Comparing | null;
  /** Extremes of every observed activation, by rangeKey. */
  readonly extremes: Map<string, Range>;
  /** Tensors that held NaN or infinity with some sample (a mask of -infinity): integers have no room for these, so they stay float. By rangeKey. */
  readonly nonFinite: Set<string>;
  /** The same sample by sample, where the number of values is known. */
  readonly sampleExtremes: Map<string, SampleExtremes>;
  readonly histograms: Map<string, StreamHistogram>;
  readonly references: Map<string, ReferenceHistogram>;
  readonly absExtremes: Map<string, Range>;
  /** Means and extremes by channel of what feeds constant weights, by rangeKey. */
  readonly channelInputs: Map<string, ChannelStats>;
  /** Sums over what feeds matrix products, by rangeKey. */
  readonly grams: Map<string, InputGram>;
  /** Float tensor (rangeKey) to its dequantized twin, by the path of the written model. */
  readonly dequantized: Map<string, ReadonlyMap<string, string>>;
  /** What the integers of an activation cover, by rangeKey, by the path of the written model. */
  readonly covered: Map<string, ReadonlyMap<string, Range>>;
}

export interface Observing {
  readonly session: NativeSession;
  readonly outputs: ReadonlyMap<string, ExposedOutputs>;
  readonly mode: 'extremes' | 'histogram' | 'magnitudes' | 'reference' | 'channels' | 'grams';
  /** As the Python reference: no tensor may be left out. */
  readonly parity: boolean;
  /** Of mode `grams` only: rows taken of each sample, and who multiplies them. */
  readonly grams: { readonly rowsPerSample: number; readonly product: SquareSession } | null;
  /** Where the channels of each tensor lie: of mode `channels` only. */
  readonly channels: ReadonlyMap<string, 'second' | 'last'>;
}

export interface Comparing { readonly a: NativeSession; readonly b: NativeSession; readonly totals: Map<string, OutputTotals>; /** Milliseconds of original and candidate, by sample. */ readonly times: [number, number][] }

export interface OutputTotals {
  signal: number;
  noise: number;
  /** Samples whose largest entry moved; null where the output is no row of scores. */
  flips: number;
  samples: number;
  maxAbsError: number;
  nonFinite: number;
  /** What its values are: floats, or entries that are equal or not; null until a sample had it. */
  kind: 'float' | 'exact' | null;
  /** Entries that are not equal. */
  different: number;
  /** Samples that were answered in the same shape. */
  comparedSamples: number;
  /** Samples that were answered in another shape. */
  otherShape: number;
  /** One of these although the model declares a fixed shape. */
  brokenShape: boolean;
  /** Values that are NaN in the original. */
  undefinedValues: number;
  values: number;
  labelled: number;
  correctA: number;
  correctB: number;
}

let current: Lab | null = null;

export function setLab(lab: Lab): void { current = lab; }

/** One lab per worker process: a quantization has its process to itself. */
export function theLab(): Lab {
  if (!current) throw new AppError('INTERNAL', 'The worker has no model open to quantize.');
  return current;
}

export async function closeObserving(lab: Lab): Promise<void> {
  const { observing } = lab;
  lab.observing = null;
  await observing?.session.release();
  await observing?.grams?.product.release();
  if (observing) collectGarbage();
}

export async function closeComparing(lab: Lab): Promise<void> {
  const { comparing } = lab;
  lab.comparing = null;
  await comparing?.b.release();
  await comparing?.a.release();
  if (comparing) collectGarbage();
}
