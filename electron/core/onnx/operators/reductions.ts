// Reductions along axes, arg-reductions and TopK.
import { intAttribute, intsAttribute } from '../graph/attributes.ts';
import { tensorType, type Dim, type Shape } from '../types/ValueType.ts';
import type { Rule, RuleContext, RuleTable } from './Rule.ts';
import { normalAxis, unknownDims } from './shapeMath.ts';

const INT64 = 7;

function reducedShape(context: RuleContext): Dim[] | null {
  const input = context.shape(0);
  if (!input) return null;
  const keep = intAttribute(context.node, 'keepdims', 1) !== 0;
  const listed = axesOf(context);
  if (listed === 'unknown') return keep ? unknownDims(input.length) : null;
  if (listed.length === 0) {
    if (intAttribute(context.node, 'noop_with_empty_axes', 0) !== 0) return [...input];
    return keep ? input.map(() => 1) : [];
  }
  return dropAxes(input, listed, keep);
}

/** Axes from the attribute (before opset 13 or 18), or from the second input. */
function axesOf(context: RuleContext): number[] | 'unknown' {
  const attribute = intsAttribute(context.node, 'axes', null);
  if (attribute) return attribute;
  if (!context.has(1)) return [];
  const known = context.ints(1)?.values;
  return known?.every((value) => typeof value === 'number') ? known.map(Number) : 'unknown';
}

function dropAxes(input: Shape, axes: readonly number[], keep: boolean): Dim[] | null {
  const drop = axes.map((axis) => normalAxis(axis, input.length));
  if (drop.includes(null)) return null;
  return keep ? input.map((dim, i) => (drop.includes(i) ? 1 : dim)) : input.filter((_, i) => !drop.includes(i));
}

const reduce: Rule = (context) => ({
  types: [tensorType(context.elem(0), reducedShape(context))],
  ints: context.node.opType === 'ReduceProd' ? productOfInts(context) : null,
});

function productOfInts(context: RuleContext) {
  const known = context.ints(0)?.values;
  if (!known?.every((value) => typeof value === 'number')) return null;
  return { scalar: intAttribute(context.node, 'keepdims', 1) === 0, values: [known.reduce<number>((product, value) => product * Number(value), 1)] };
}

const argReduce: Rule = ({ node, shape }) => {
  const input = shape(0);
  return [tensorType(INT64, input ? dropAxes(input, [intAttribute(node, 'axis', 0)], intAttribute(node, 'keepdims', 1) !== 0) : null)];
};

const names = ['ReduceL1', 'ReduceL2', 'ReduceLogSum', 'ReduceLogSumExp', 'ReduceMax', 'ReduceMean', 'ReduceMin', 'ReduceProd', 'ReduceSum', 'ReduceSumSquare'];

export const reductionRules: RuleTable = {
  ...Object.fromEntries(names.map((name) => [name, reduce])),
  ArgMax: argReduce, ArgMin: argReduce,
  TopK: ({ node, shape, elem, ints }) => {
    const input = shape(0);
    const axis = input ? normalAxis(intAttribute(node, 'axis', -1), input.length) : null;
    const k = intAttribute(node, 'k', null) ?? ints(1)?.values[0] ?? null;
    const result = input && axis !== null ? input.map((dim, i) => (i === axis ? k : dim)) : null;
    return [tensorType(elem(0), result), tensorType(INT64, result)];
  },
};
