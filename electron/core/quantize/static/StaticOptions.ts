// Settings of static quantization, as planner and writer read them.
import type { IntegerTypeName } from '../numerics/integerTypes.ts';
import type { OperatorSet } from './operatorRules.ts';

export interface StaticOptions {
  readonly activations: 'uint8' | 'int8' | 'uint16';
  readonly weights: Extract<IntegerTypeName, 'int8' | 'uint8'>;
  readonly perChannel: boolean;
  /** Symmetric activations keep ReLU and Clip in the graph. */
  readonly symmetricActivations: boolean;
  /** Weights in 7 bits, for CPUs without VNNI. */
  readonly reduceRange: boolean;
  readonly operators: OperatorSet;
  /** Products with a constant weight answer float: the runtime multiplies integers and scales the sum, and nothing is rounded on the way out. Other products stay float. */
  readonly floatProducts?: boolean;
  /** As the reference, in what it does worse too. */
  readonly parity?: boolean;
  /** Nodes kept in float, by name (`if_branch/node` inside subgraphs), with the reason shown to the user. */
  readonly keep: ReadonlyMap<string, string>;
}

/** The observed range of an activation. */
export interface Range { readonly low: number; readonly high: number }
/** By scope path and tensor name: see `rangeKey`. */
export type Ranges = ReadonlyMap<string, Range>;

/** Tensors of different branches may have the same name: the path of the graph tells them apart. */
export const rangeKey = (scopePath: string, tensor: string): string => `${scopePath}${separator}${tensor}`;
export const scopeOfKey = (key: string): string => key.slice(0, key.indexOf(separator));
export const tensorOfKey = (key: string): string => key.slice(key.indexOf(separator) + 1);
const separator = '\u0000';
