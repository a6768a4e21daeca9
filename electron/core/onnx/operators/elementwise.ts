// Operators that work element by element: the shape is the input's, or the broadcast of the inputs'.
import { intAttribute } from '../graph/attributes.ts';
import { tensorType } from '../types/ValueType.ts';
import type { KnownInts, Rule, RuleContext, RuleTable } from './Rule.ts';
import { broadcast } from './shapeMath.ts';

const BOOL = 9;

/** Same type and shape as the first input, for the first output only. */
export const sameAsFirst: Rule = ({ elem, shape }) => [tensorType(elem(0), shape(0))];

const toBool: Rule = ({ shape }) => [tensorType(BOOL, shape(0))];
const broadcastAll = (context: RuleContext) => broadcast(context.inputs.map((_, i) => context.shape(i)));
const firstElem = (context: RuleContext) => context.inputs.map((_, i) => context.elem(i)).find((type) => type !== 0) ?? 0;
const compare: Rule = (context) => [tensorType(BOOL, broadcastAll(context))];
const variadic: Rule = (context) => [tensorType(firstElem(context), broadcastAll(context))];

/** Before opset 7 the `broadcast` attribute aligned B to A at `axis`, and the result had A's shape. */
function arithmetic(fold: (a: number, b: number) => number): Rule {
  return (context) => {
    const shape = context.opset < 7 ? context.shape(0) : broadcastAll(context);
    return { types: [tensorType(context.elem(0) || context.elem(1), shape)], ints: foldInts(context.ints(0), context.ints(1), fold) };
  };
}

function foldInts(a: KnownInts | null, b: KnownInts | null, fold: (a: number, b: number) => number): KnownInts | null {
  if (!a || !b) return null;
  const length = Math.max(a.values.length, b.values.length);
  if ((a.values.length !== 1 && a.values.length !== length) || (b.values.length !== 1 && b.values.length !== length)) return null;
  const values = Array.from({ length }, (_, i) => {
    const x = a.values[a.values.length === 1 ? 0 : i];
    const y = b.values[b.values.length === 1 ? 0 : i];
    if (typeof x === 'number' && typeof y === 'number') {
      const result = fold(x, y);
      return Number.isSafeInteger(result) ? result : null;
    }
    if (y === fold(1, 1) && typeof x === 'string' && fold(2, 1) === 2) return x; // a symbol times or divided by one
    return null;
  });
  return { scalar: a.scalar && b.scalar, values };
}

const unary = ['Abs', 'Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atanh', 'BitwiseNot', 'Ceil', 'Celu', 'Clip', 'Cos', 'Cosh', 'CumSum', 'CumProd', 'Elu', 'Erf', 'Exp', 'Floor', 'Gelu',
  'GroupNormalization', 'HardSigmoid', 'HardSwish', 'Hardmax', 'InstanceNormalization', 'LRN', 'LeakyRelu', 'Log', 'LogSoftmax', 'LpNormalization', 'MeanVarianceNormalization', 'Mish', 'Neg',
  'PRelu', 'RMSNormalization', 'Reciprocal', 'Relu', 'ReverseSequence', 'Round', 'Scatter', 'ScatterElements', 'ScatterND', 'Selu', 'Shrink', 'Sigmoid', 'Sign', 'Sin', 'Sinh', 'Softmax', 'Softplus', 'Softsign',
  'Sqrt', 'Swish', 'Tan', 'Tanh', 'ThresholdedRelu', 'Trilu', 'RotaryEmbedding', 'TensorScatter'];

export const elementwiseRules: RuleTable = {
  ...Object.fromEntries(unary.map((name) => [name, sameAsFirst])),
  Identity: ({ inputs, ints }) => ({ types: inputs[0] ? [inputs[0]] : [], ints: ints(0) }),
  Dropout: ({ elem, shape, opset }) => [tensorType(elem(0), shape(0)), tensorType(opset < 10 ? elem(0) : BOOL, shape(0))],
  BatchNormalization: ({ elem, shape }) => [tensorType(elem(0), shape(0)), ...[1, 2, 3, 4].map(() => tensorType(elem(0), shape(3)))],
  LayerNormalization: ({ elem, shape, node }) => {
    const input = shape(0);
    const axis = intAttribute(node, 'axis', -1);
    const start = input && axis < 0 ? axis + input.length : axis;
    const stats = input ? input.map((dim, i) => (i < start ? dim : 1)) : null;
    return [tensorType(elem(0), input), tensorType(intAttribute(node, 'stash_type', 1), stats), tensorType(intAttribute(node, 'stash_type', 1), stats)];
  },
  Not: toBool, IsNaN: toBool, IsInf: toBool,
  And: compare, Or: compare, Xor: compare, Equal: compare, Greater: compare, GreaterOrEqual: compare, Less: compare, LessOrEqual: compare,
  Add: arithmetic((a, b) => a + b), Sub: arithmetic((a, b) => a - b), Mul: arithmetic((a, b) => a * b),
  Div: arithmetic((a, b) => (b === 0 ? Number.NaN : Math.trunc(a / b))), // integers divide toward zero
  Mod: arithmetic((a, b) => (b === 0 ? Number.NaN : ((a % b) + b) % b)),
  Pow: ({ elem, shape }) => [tensorType(elem(0), broadcast([shape(0), shape(1)]))],
  BitShift: variadic, BitwiseAnd: variadic, BitwiseOr: variadic, BitwiseXor: variadic,
  Max: variadic, Min: variadic, Sum: variadic, Mean: variadic,
  Where: (context) => [tensorType(context.elem(1) || context.elem(2), broadcastAll(context))],
  Cast: ({ node, shape, ints }) => {
    const to = intAttribute(node, 'to', 0);
    return { types: [tensorType(to, shape(0))], ints: to === 6 || to === 7 ? ints(0) : null };
  },
  CastLike: ({ elem, shape }) => [tensorType(elem(1), shape(0))],
  BitCast: ({ node, shape }) => [tensorType(intAttribute(node, 'to', 0), shape(0))],
};
