// Convolutions, pooling, resizing and other operators on images.
import { intAttribute, intsAttribute, floatsAttribute, stringAttribute } from '../graph/attributes.ts';
import { tensorType, type Dim, type Shape } from '../types/ValueType.ts';
import type { Rule, RuleContext, RuleTable } from './Rule.ts';
import { mapSize, unknownDims } from './shapeMath.ts';

/** Sizes after sliding a window (ONNX Conv and MaxPool, "auto_pad" included). `kernel` may hold unknown sizes. */
function slidingSizes({ node }: RuleContext, spatial: Shape, kernel: readonly (number | null)[]): Dim[] {
  const rank = spatial.length;
  const strides = intsAttribute(node, 'strides', null) ?? Array.from({ length: rank }, () => 1);
  const dilations = intsAttribute(node, 'dilations', null) ?? Array.from({ length: rank }, () => 1);
  const pads = intsAttribute(node, 'pads', null) ?? Array.from({ length: rank * 2 }, () => 0);
  const autoPad = stringAttribute(node, 'auto_pad', 'NOTSET');
  const ceil = intAttribute(node, 'ceil_mode', 0) !== 0;
  return spatial.map((dim, i) => mapSize(dim, (size) => {
    const stride = strides[i] ?? 1;
    if (autoPad === 'SAME_UPPER' || autoPad === 'SAME_LOWER') return Math.ceil(size / stride);
    const window = kernel[i];
    if (window === null || window === undefined) return Number.NaN;
    const before = autoPad === 'VALID' ? 0 : pads[i] ?? 0;
    const after = autoPad === 'VALID' ? 0 : pads[i + rank] ?? 0;
    const room = (size + before + after - ((window - 1) * (dilations[i] ?? 1) + 1)) / stride;
    let count = (ceil ? Math.ceil(room) : Math.floor(room)) + 1;
    if (ceil && (count - 1) * stride >= size + before) count -= 1; // a window that would start in the padding behind the input
    return count;
  })).map((dim) => (typeof dim === 'number' && !(dim >= 0) ? null : dim));
}

function convShape(context: RuleContext, weightIndex: number): Dim[] | null {
  const input = context.shape(0);
  const weight = context.shape(weightIndex);
  if (!input) return weight ? [null, weight[0] ?? null, ...unknownDims(weight.length - 2)] : null;
  if (input.length < 2) return null;
  const spatial = input.slice(2);
  const kernel = intsAttribute(context.node, 'kernel_shape', null) ?? weight?.slice(2).map((dim) => (typeof dim === 'number' ? dim : null)) ?? unknownDims(spatial.length).map(() => null);
  return [input[0] ?? null, weight?.[0] ?? null, ...slidingSizes(context, spatial, kernel)];
}

const pool: Rule = (context) => {
  const input = context.shape(0);
  const kernel = intsAttribute(context.node, 'kernel_shape', []);
  const shape = input && input.length >= 2 ? [input[0] ?? null, input[1] ?? null, ...slidingSizes(context, input.slice(2), kernel)] : null;
  return [tensorType(context.elem(0), shape), tensorType(7, shape)].slice(0, context.node.opType === 'MaxPool' ? 2 : 1);
};

const globalPool: Rule = ({ shape, elem }) => [tensorType(elem(0), shape(0)?.map((dim, i) => (i < 2 ? dim : 1)) ?? null)];

const convTranspose: Rule = (context) => {
  const { node, elem } = context;
  const input = context.shape(0);
  const weight = context.shape(1);
  if (!input || input.length < 2) return [tensorType(elem(0))];
  const spatial = input.slice(2);
  const rank = spatial.length;
  const strides = intsAttribute(node, 'strides', null) ?? spatial.map(() => 1);
  const dilations = intsAttribute(node, 'dilations', null) ?? spatial.map(() => 1);
  const pads = intsAttribute(node, 'pads', null) ?? spatial.flatMap(() => [0, 0]);
  const extra = intsAttribute(node, 'output_padding', null) ?? spatial.map(() => 0);
  const fixed = intsAttribute(node, 'output_shape', null)?.slice(-rank);
  const kernel = intsAttribute(node, 'kernel_shape', null) ?? weight?.slice(2) ?? [];
  const autoPad = stringAttribute(node, 'auto_pad', 'NOTSET');
  const sizes = spatial.map((dim, i): Dim => {
    const declared = fixed?.[i];
    if (declared !== undefined) return declared;
    const window = kernel[i];
    const stride = strides[i] ?? 1;
    if (autoPad.startsWith('SAME')) return mapSize(dim, (size) => size * stride);
    if (typeof window !== 'number') return null;
    return mapSize(dim, (size) => stride * (size - 1) + (extra[i] ?? 0) + (window - 1) * (dilations[i] ?? 1) + 1 - (pads[i] ?? 0) - (pads[i + rank] ?? 0));
  });
  return [tensorType(elem(0), [input[0] ?? null, mapSize(weight?.[1], (size) => size * intAttribute(node, 'group', 1)), ...sizes])];
};

/** Sizes from the `sizes` input, else floor(size x scale). Inputs moved between opsets: 9 (X, scales), 10 (X, scales), 11+ (X, roi, scales, sizes). */
const resize: Rule = (context) => {
  const { node, opset, elem } = context;
  const input = context.shape(0);
  if (!input) return [tensorType(elem(0))];
  const sizesIndex = node.opType === 'Resize' && opset >= 11 ? 3 : -1;
  const scalesIndex = node.opType === 'Resize' && opset >= 11 ? 2 : 1;
  const axes = intsAttribute(node, 'axes', null)?.map((axis) => (axis < 0 ? axis + input.length : axis)) ?? input.map((_, i) => i);
  const sizes = sizesIndex >= 0 && context.has(sizesIndex) ? context.ints(sizesIndex)?.values : undefined;
  const policy = stringAttribute(node, 'keep_aspect_ratio_policy', 'stretch');
  if (sizes && sizes.length === axes.length && policy === 'stretch') return [tensorType(elem(0), input.map((dim, i) => (axes.includes(i) ? sizes[axes.indexOf(i)] ?? null : dim)))];
  const scales = floatsAttribute(node, 'scales', null) ?? (context.has(scalesIndex) && !(sizesIndex >= 0 && context.has(sizesIndex)) ? context.floats(scalesIndex) : null);
  if (scales && scales.length === axes.length) {
    return [tensorType(elem(0), input.map((dim, i) => {
      const scale = axes.includes(i) ? scales[axes.indexOf(i)] : 1;
      if (scale === 1) return dim;
      return mapSize(dim, (size) => Math.floor(size * (scale ?? Number.NaN)));
    }))];
  }
  return [tensorType(elem(0), input.map((dim, i) => (axes.includes(i) ? null : dim)))];
};

export const convolutionRules: RuleTable = {
  Conv: (context) => [tensorType(context.elem(0), convShape(context, 1))],
  DeformConv: (context) => [tensorType(context.elem(0), convShape(context, 1))],
  ConvInteger: (context) => [tensorType(6, convShape(context, 1))],
  QLinearConv: (context) => [tensorType(context.elem(7), convShape(context, 3))],
  ConvTranspose: convTranspose,
  MaxPool: pool, AveragePool: pool, LpPool: pool,
  GlobalAveragePool: globalPool, GlobalMaxPool: globalPool, GlobalLpPool: globalPool,
  Resize: resize, Upsample: resize,
  DepthToSpace: ({ node, shape, elem }) => {
    const block = intAttribute(node, 'blocksize', 1);
    const [n, c, h, w] = shape(0) ?? [];
    return [tensorType(elem(0), shape(0)?.length === 4 ? [n ?? null, mapSize(c, (size) => size / block ** 2), mapSize(h, (size) => size * block), mapSize(w, (size) => size * block)] : null)];
  },
  SpaceToDepth: ({ node, shape, elem }) => {
    const block = intAttribute(node, 'blocksize', 1);
    const [n, c, h, w] = shape(0) ?? [];
    return [tensorType(elem(0), shape(0)?.length === 4 ? [n ?? null, mapSize(c, (size) => size * block ** 2), mapSize(h, (size) => Math.floor(size / block)), mapSize(w, (size) => Math.floor(size / block))] : null)];
  },
  GridSample: ({ shape, elem }) => {
    const input = shape(0);
    const grid = shape(1);
    return [tensorType(elem(0), input && grid ? [input[0] ?? null, input[1] ?? null, ...grid.slice(1, -1)] : null)];
  },
  AffineGrid: ({ elem, ints }) => {
    const size = ints(1)?.values;
    return [tensorType(elem(0), size ? [size[0] ?? null, ...size.slice(2), size.length - 2] : null)];
  },
  RoiAlign: ({ node, shape, elem }) => [tensorType(elem(0), [shape(1)?.[0] ?? null, shape(0)?.[1] ?? null, intAttribute(node, 'output_height', 1), intAttribute(node, 'output_width', 1)])],
  MaxRoiPool: ({ node, shape, elem }) => [tensorType(elem(0), [shape(1)?.[0] ?? null, shape(0)?.[1] ?? null, ...intsAttribute(node, 'pooled_shape', [])])],
  NonMaxSuppression: () => [tensorType(7, [null, 3])],
};
