// What an inference rule is given and what it answers; rules are looked up by domain and operator in operators/rules.ts.
import type { NodeProto } from '../schema/onnx_pb.ts';
import type { Dim, Shape, ValueType } from '../types/ValueType.ts';

/** A small integer tensor whose entries may be symbols: what shape arithmetic runs on. */
export interface KnownInts {
  /** Rank 0 or 1. */
  readonly scalar: boolean;
  readonly values: readonly Dim[];
}

export interface RuleContext {
  readonly node: NodeProto;
  /** Version of the node's domain that the model imports. */
  readonly opset: number;
  readonly inputs: readonly (ValueType | null)[];
  /** Shape of an input, null when unknown or absent. */
  shape(index: number): Shape | null;
  /** Element type of an input, 0 when unknown or absent. */
  elem(index: number): number;
  /** The integers that an input is known to hold at inference time. */
  ints(index: number): KnownInts | null;
  /** The numbers of a constant float input of at most 64 elements. */
  floats(index: number): readonly number[] | null;
  has(index: number): boolean;
}

export interface RuleResult {
  readonly types: readonly ValueType[];
  /** Known integers of the first output, where the rule computes them. */
  readonly ints?: KnownInts | null;
}

/** Answers a type per output, fewer where it does not know; throws nothing: what does not fit is unknown. */
export type Rule = (context: RuleContext) => readonly ValueType[] | RuleResult;
export type RuleTable = Readonly<Record<string, Rule>>;
