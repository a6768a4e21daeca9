// Matrix products, quantized products, Einsum and attention.
import { intAttribute, stringAttribute } from '../graph/attributes.ts';
import { tensorType, type Dim, type Shape } from '../types/ValueType.ts';
import type { Rule, RuleContext, RuleTable } from './Rule.ts';
import { broadcast } from './shapeMath.ts';

/** numpy.matmul: vectors are promoted and the added dimension is dropped again. */
export function matMulShape(a: Shape | null, b: Shape | null): Dim[] | null {
  if (!a || !b || a.length === 0 || b.length === 0) return null;
  const left = a.length === 1 ? [1, ...a] : a;
  const right = b.length === 1 ? [...b, 1] : b;
  const batch = broadcast([left.slice(0, -2), right.slice(0, -2)]);
  if (!batch) return null;
  return [...batch, ...(a.length === 1 ? [] : [left.at(-2) ?? null]), ...(b.length === 1 ? [] : [right.at(-1) ?? null])];
}

function gemmShape({ node, shape }: RuleContext, bIndex = 1): Dim[] | null {
  const a = shape(0);
  const b = shape(bIndex);
  const rows = a ? a[intAttribute(node, 'transA', 0) ? 1 : 0] ?? null : null;
  const columns = b ? b[intAttribute(node, 'transB', 0) ? 0 : 1] ?? null : null;
  return [rows, columns];
}

const einsum: Rule = (context) => {
  const [left = '', right] = stringAttribute(context.node, 'equation', '').replaceAll(' ', '').split('->');
  if (left.includes('...') || right === undefined && left === '') return [tensorType(context.elem(0))];
  const sizes = new Map<string, Dim>();
  const counts = new Map<string, number>();
  left.split(',').forEach((term, i) => [...term].forEach((letter, axis) => {
    counts.set(letter, (counts.get(letter) ?? 0) + 1);
    const dim = context.shape(i)?.[axis] ?? null;
    if (typeof sizes.get(letter) !== 'number') sizes.set(letter, dim ?? sizes.get(letter) ?? null);
  }));
  const output = right ?? [...counts].filter(([, count]) => count === 1).map(([letter]) => letter).sort().join('');
  return [tensorType(context.elem(0), [...output].map((letter) => sizes.get(letter) ?? null))];
};

export const matrixRules: RuleTable = {
  MatMul: ({ shape, elem }) => [tensorType(elem(0) || elem(1), matMulShape(shape(0), shape(1)))],
  MatMulInteger: ({ shape }) => [tensorType(6, matMulShape(shape(0), shape(1)))],
  QLinearMatMul: ({ shape, elem }) => [tensorType(elem(7), matMulShape(shape(0), shape(3)))],
  Gemm: (context) => [tensorType(context.elem(0), gemmShape(context))],
  Einsum: einsum,
  Det: ({ shape, elem }) => [tensorType(elem(0), shape(0)?.slice(0, -2) ?? null)],
  Attention: ({ shape, elem }) => {
    const q = shape(0);
    const v = shape(2);
    return [tensorType(elem(0), q?.length === 4 && v ? [...q.slice(0, 3), v[3] ?? null] : null)];
  },
};

/** QLinear operators of the runtime's own domain keep the shapes of their float forms. */
export const microsoftRules: RuleTable = {
  ...Object.fromEntries(['Gelu', 'BiasGelu', 'FastGelu', 'QuickGelu', 'QLinearSigmoid', 'QLinearLeakyRelu', 'QLinearSoftmax', 'SkipLayerNormalization', 'SkipSimplifiedLayerNormalization', 'SimplifiedLayerNormalization', 'BiasSoftmax', 'RotaryEmbedding']
    .map((name): [string, Rule] => [name, ({ elem, shape }) => [tensorType(elem(0), shape(0))]])),
  FusedMatMul: ({ node, shape, elem }) => {
    const turn = (dims: Shape | null, on: boolean) => (dims && on && dims.length >= 2 ? [...dims.slice(0, -2), dims.at(-1) ?? null, dims.at(-2) ?? null] : dims);
    return [tensorType(elem(0), matMulShape(turn(shape(0), intAttribute(node, 'transA', 0) !== 0), turn(shape(1), intAttribute(node, 'transB', 0) !== 0)))];
  },
  MatMulNBits: ({ node, shape, elem }) => {
    const a = shape(0);
    return [tensorType(elem(0), a ? [...a.slice(0, -1), intAttribute(node, 'N', null)] : null)];
  },
  GatherBlockQuantized: ({ node, shape, elem }) => {
    const [data, indices] = [shape(0), shape(1)];
    const axis = intAttribute(node, 'gather_axis', 0);
    // Two 4-bit values in a byte of uint8 data would double its last length.
    const known = data && indices && axis >= 0 && (elem(0) === 21 || elem(0) === 22);
    return [tensorType(elem(2), known ? [...data.slice(0, axis), ...indices, ...data.slice(axis + 1)] : null)];
  },
  DynamicQuantizeMatMul: ({ shape, elem }) => [tensorType(elem(0), matMulShape(shape(0), shape(1)))],
  MatMulIntegerToFloat: ({ shape, elem }) => [tensorType(elem(2), matMulShape(shape(0), shape(1)))],
  QGemm: (context) => [tensorType(context.has(8) ? context.elem(8) : 1, gemmShape(context, 3))],
  FusedGemm: (context) => [tensorType(context.elem(0), gemmShape(context))],
  QLinearAdd: ({ shape, elem }) => [tensorType(elem(0), broadcast([shape(0), shape(3)]))],
  QLinearMul: ({ shape, elem }) => [tensorType(elem(0), broadcast([shape(0), shape(3)]))],
  QLinearGlobalAveragePool: ({ shape, elem }) => [tensorType(elem(0), shape(0)?.map((dim, i) => (i < 2 ? dim : 1)) ?? null)],
  QuantizeLinear: ({ shape, elem }) => [tensorType(elem(2) || 2, shape(0))],
  DequantizeLinear: ({ shape, elem }) => [tensorType(elem(1), shape(0))],
};
