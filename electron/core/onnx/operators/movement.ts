// Operators that move, cut, join or reshape data, and those that compute shapes; small integer values are carried along.
import { intAttribute, intsAttribute, attributeOf } from '../graph/attributes.ts';
import { tensorType, type Dim, type Shape } from '../types/ValueType.ts';
import type { KnownInts, Rule, RuleContext, RuleTable } from './Rule.ts';
import { broadcast, mapSize, normalAxis, productOf, unknownDims } from './shapeMath.ts';

const INT64 = 7;

/** From an attribute (older opsets) or from the input at `index`; null when not known. */
function intsFrom(context: RuleContext, attribute: string, index: number): number[] | null {
  const listed = intsAttribute(context.node, attribute, null);
  if (listed) return listed;
  const known = context.ints(index)?.values;
  return known?.every((value) => typeof value === 'number') ? known.map(Number) : null;
}

function reshape(context: RuleContext): Dim[] | null {
  const input = context.shape(0);
  const attribute = intsAttribute(context.node, 'shape', null);
  const target: readonly Dim[] | null = attribute ?? context.ints(1)?.values ?? null;
  if (!target) {
    const rank = context.shape(1)?.[0];
    return typeof rank === 'number' && rank >= 0 && rank < 64 ? unknownDims(rank) : null;
  }
  const allowZero = intAttribute(context.node, 'allowzero', 0) !== 0;
  const dims = target.map((dim, i) => (dim === 0 && !allowZero ? input?.[i] ?? null : dim));
  const open = dims.indexOf(-1);
  if (open < 0) return dims;
  return dims.map((dim, i) => (i === open ? quotient(input, dims.filter((_, at) => at !== open)) : dim));
}

/** Elements of `input` divided by the product of `others`; equal symbols cancel. */
function quotient(input: Shape | null, others: readonly Dim[]): Dim {
  if (!input) return null;
  const rest = [...others];
  const left: Dim[] = [];
  for (const dim of input) {
    const at = typeof dim === 'string' ? rest.indexOf(dim) : -1;
    if (at >= 0) rest.splice(at, 1);
    else left.push(dim);
  }
  const above = productOf(left);
  const below = productOf(rest);
  if (typeof above === 'number' && typeof below === 'number' && below > 0 && above % below === 0) return above / below;
  return typeof above === 'string' && below === 1 ? above : null;
}

function squeeze(context: RuleContext): Dim[] | null {
  const input = context.shape(0);
  if (!input) return null;
  const axes = intsFrom(context, 'axes', 1);
  if (!axes) return context.has(1) || input.some((dim) => typeof dim !== 'number') ? null : input.filter((dim) => dim !== 1);
  const drop = axes.map((axis) => normalAxis(axis, input.length));
  return drop.includes(null) ? null : input.filter((_, i) => !drop.includes(i));
}

function unsqueeze(context: RuleContext): Dim[] | null {
  const input = context.shape(0);
  const axes = intsFrom(context, 'axes', 1);
  if (!input || !axes) return null;
  const rank = input.length + axes.length;
  const at = new Set(axes.map((axis) => normalAxis(axis, rank)));
  if (at.has(null) || at.size !== axes.length) return null;
  const rest = [...input];
  return Array.from({ length: rank }, (_, i) => (at.has(i) ? 1 : rest.shift() ?? null));
}

/** Start, end and step of each axis; null when they are not known. */
function sliceSpans(context: RuleContext): { axis: number; start: number; end: number; step: number }[] | null {
  const starts = intsFrom(context, 'starts', 1);
  const ends = intsFrom(context, 'ends', 2);
  if (!starts || !ends || (context.has(3) && !context.ints(3)) || (context.has(4) && !context.ints(4))) return null;
  const axes = intsFrom(context, 'axes', 3) ?? starts.map((_, i) => i);
  const steps = intsFrom(context, 'steps', 4) ?? starts.map(() => 1);
  return starts.map((start, i) => ({ axis: axes[i] ?? i, start, end: ends[i] ?? start, step: steps[i] ?? 1 }));
}

function spanLength(size: number, start: number, end: number, step: number): number {
  if (step === 0) return Number.NaN;
  const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value < 0 ? value + size : value, low), high);
  return step > 0
    ? Math.max(0, Math.ceil((clamp(end, 0, size) - clamp(start, 0, size)) / step))
    : Math.max(0, Math.ceil((clamp(start, -1, size - 1) - clamp(end, -1, size - 1)) / -step));
}

const slice: Rule = (context) => {
  const input = context.shape(0);
  const spans = sliceSpans(context);
  if (!input) return [tensorType(context.elem(0))];
  if (!spans) {
    const axes = intsFrom(context, 'axes', 3)?.map((axis) => normalAxis(axis, input.length));
    return [tensorType(context.elem(0), input.map((dim, i) => (axes && !axes.includes(i) ? dim : null)))];
  }
  const dims: Dim[] = [...input];
  for (const span of spans) {
    const axis = normalAxis(span.axis, input.length);
    if (axis === null) return [tensorType(context.elem(0))];
    const dim = dims[axis] ?? null;
    const whole = span.start === 0 && span.step === 1 && span.end >= 2 ** 31 - 1; // "to the end" as exporters write it
    dims[axis] = whole ? dim : mapSize(dim, (size) => spanLength(size, span.start, span.end, span.step));
  }
  const known = context.ints(0);
  const span = spans[0];
  const ints = known && !known.scalar && span && spans.length === 1 ? { scalar: false, values: cut(known.values, span.start, span.end, span.step) } : null;
  return { types: [tensorType(context.elem(0), dims)], ints };
};

function cut(values: readonly Dim[], start: number, end: number, step: number): Dim[] {
  const size = values.length;
  const length = spanLength(size, start, end, step);
  const first = step > 0 ? Math.min(Math.max(start < 0 ? start + size : start, 0), size) : Math.min(start < 0 ? start + size : start, size - 1);
  return Number.isFinite(length) ? Array.from({ length }, (_, i) => values[first + i * step] ?? null) : [];
}

const gather: Rule = (context) => {
  const data = context.shape(0);
  const indices = context.shape(1);
  const axis = data ? normalAxis(intAttribute(context.node, 'axis', 0), data.length) : null;
  const shape = data && indices && axis !== null ? [...data.slice(0, axis), ...indices, ...data.slice(axis + 1)] : null;
  const known = context.ints(0);
  const picks = context.ints(1);
  const ints: KnownInts | null = known && picks && !known.scalar ? { scalar: picks.scalar, values: picks.values.map((pick) => (typeof pick === 'number' ? known.values[pick < 0 ? pick + known.values.length : pick] ?? null : null)) } : null;
  return { types: [tensorType(context.elem(0), shape)], ints };
};

const concat: Rule = (context) => {
  const shapes = context.inputs.map((_, i) => context.shape(i));
  const first = shapes.find((shape) => shape !== null);
  const axis = first ? normalAxis(intAttribute(context.node, 'axis', 1), first.length) : null;
  const known = context.inputs.map((_, i) => context.ints(i));
  const ints = known.every((value) => value !== null && !value.scalar) ? { scalar: false, values: known.flatMap((value) => value?.values ?? []) } : null;
  const elem = context.inputs.map((_, i) => context.elem(i)).find((type) => type !== 0) ?? 0;
  if (!first || axis === null || shapes.some((shape) => shape && shape.length !== first.length)) return { types: [tensorType(elem)], ints };
  const dims = first.map((_, i): Dim => {
    const parts = shapes.map((shape) => shape?.[i] ?? null);
    if (i !== axis) return parts.find((dim) => typeof dim === 'number') ?? parts.find((dim) => dim !== null) ?? null;
    return parts.length === 1 ? parts[0] ?? null : parts.every((dim) => typeof dim === 'number') ? parts.reduce<number>((sum, dim) => sum + Number(dim), 0) : null;
  });
  return { types: [tensorType(elem, dims)], ints };
};

const split: Rule = (context) => {
  const input = context.shape(0);
  const outputs = context.node.output.length;
  const axis = input ? normalAxis(intAttribute(context.node, 'axis', 0), input.length) : null;
  if (!input || axis === null) return context.node.output.map(() => tensorType(context.elem(0)));
  const parts = intsFrom(context, 'split', 1);
  const chunk = mapSize(input[axis], (size) => Math.ceil(size / outputs));
  return context.node.output.map((_, index) => {
    const last = index === outputs - 1;
    const size = parts ? parts[index] ?? null : context.has(1) ? null : last ? mapSize(input[axis], (total) => total - Math.ceil(total / outputs) * (outputs - 1)) : chunk;
    return tensorType(context.elem(0), input.map((dim, i) => (i === axis ? size : dim)));
  });
};

const pad: Rule = (context) => {
  const input = context.shape(0);
  const pads = intsAttribute(context.node, 'paddings', null) ?? intsFrom(context, 'pads', 1);
  if (!input || !pads) return [tensorType(context.elem(0), input && !context.has(3) ? unknownDims(input.length) : null)];
  const axes = context.has(3) ? context.ints(3)?.values.map((axis) => normalAxis(Number(axis), input.length)) : input.map((_, i) => i);
  if (!axes) return [tensorType(context.elem(0), unknownDims(input.length))];
  return [tensorType(context.elem(0), input.map((dim, i) => {
    const at = axes.indexOf(i);
    const total = at < 0 ? 0 : (pads[at] ?? 0) + (pads[at + axes.length] ?? 0);
    return total === 0 ? dim : mapSize(dim, (size) => size + total);
  }))];
};

const shapeOf: Rule = ({ node, shape }) => {
  const input = shape(0);
  if (!input) return [tensorType(INT64, [null])];
  const at = (value: number) => Math.min(Math.max(value < 0 ? value + input.length : value, 0), input.length);
  const values = input.slice(at(intAttribute(node, 'start', 0)), at(intAttribute(node, 'end', input.length)));
  return { types: [tensorType(INT64, [values.length])], ints: { scalar: false, values } };
};

/** Values of the shape input as dimensions; unknown dims when only its length is known. */
function dimsFromInput(context: RuleContext, index: number): Dim[] | null {
  const known = context.ints(index);
  if (known) return [...known.values];
  const rank = context.shape(index)?.[0];
  return typeof rank === 'number' && rank >= 0 && rank < 64 ? unknownDims(rank) : null;
}

/** Carries integers through operators that keep a vector a vector: a scalar becomes a vector of one, and back. */
function carry(context: RuleContext, shape: Dim[] | null): KnownInts | null {
  const known = context.ints(0);
  if (!known || !shape || shape.length > 1) return null;
  return { scalar: shape.length === 0, values: known.values };
}

export const movementRules: RuleTable = {
  Shape: shapeOf,
  Size: ({ shape }) => {
    const count = shape(0) ? productOf(shape(0) ?? []) : null;
    return { types: [tensorType(INT64, [])], ints: { scalar: true, values: [count] } };
  },
  Reshape: (context) => { const shape = reshape(context); return { types: [tensorType(context.elem(0), shape)], ints: carry(context, shape) }; },
  Squeeze: (context) => { const shape = squeeze(context); return { types: [tensorType(context.elem(0), shape)], ints: carry(context, shape) }; },
  Unsqueeze: (context) => { const shape = unsqueeze(context); return { types: [tensorType(context.elem(0), shape)], ints: carry(context, shape) }; },
  Flatten: ({ node, shape, elem }) => {
    const input = shape(0);
    if (!input) return [tensorType(elem(0), [null, null])];
    const axis = intAttribute(node, 'axis', 1);
    const at = axis < 0 ? axis + input.length : axis;
    return [tensorType(elem(0), [productOf(input.slice(0, at)), productOf(input.slice(at))])];
  },
  Transpose: ({ node, shape, elem }) => {
    const input = shape(0);
    const perm = intsAttribute(node, 'perm', null) ?? input?.map((_, i) => input.length - 1 - i);
    return [tensorType(elem(0), input && perm?.length === input.length ? perm.map((axis) => input[axis] ?? null) : null)];
  },
  Concat: concat, Split: split, Slice: slice, Gather: gather, Pad: pad,
  GatherElements: ({ shape, elem }) => [tensorType(elem(0), shape(1))],
  GatherND: ({ node, shape, elem }) => {
    const data = shape(0);
    const indices = shape(1);
    const depth = indices?.at(-1);
    const batch = intAttribute(node, 'batch_dims', 0);
    return [tensorType(elem(0), data && indices && typeof depth === 'number' ? [...indices.slice(0, -1), ...data.slice(batch + depth)] : null)];
  },
  Expand: (context) => {
    const target = dimsFromInput(context, 1);
    const input = context.shape(0);
    if (!input || !target) return [tensorType(context.elem(0))];
    return [tensorType(context.elem(0), broadcast([input, target]))];
  },
  Tile: (context) => {
    const input = context.shape(0);
    const repeats = context.ints(1)?.values;
    return [tensorType(context.elem(0), input?.map((dim, i) => (repeats?.[i] === 1 ? dim : mapSize(dim, (size) => { const times = repeats?.[i]; return typeof times === 'number' ? size * times : Number.NaN; }))).map((dim) => (Number.isNaN(dim) ? null : dim)) ?? null)];
  },
  ConstantOfShape: (context) => {
    const value = attributeOf(context.node, 'value')?.t;
    const shape = dimsFromInput(context, 0);
    const filled = value && value.int64Data.length === 1 ? Number(value.int64Data[0]) : value && value.rawData.length === 8 && value.dataType === INT64 ? Number(new DataView(value.rawData.buffer, value.rawData.byteOffset, 8).getBigInt64(0, true)) : null;
    const length = shape?.length === 1 ? shape[0] : null;
    const ints = value?.dataType === INT64 && filled !== null && typeof length === 'number' && length >= 0 && length <= 64 ? { scalar: false, values: Array.from({ length }, () => filled) } : null;
    return { types: [tensorType(value?.dataType ?? 1, shape)], ints };
  },
  Range: (context) => {
    const [start, limit, delta] = [0, 1, 2].map((i) => context.ints(i)?.values[0]);
    if (typeof start !== 'number' || typeof limit !== 'number' || typeof delta !== 'number' || delta === 0) return [tensorType(context.elem(0), [start === 0 && delta === 1 && typeof limit === 'string' ? limit : null])];
    const length = Math.max(0, Math.ceil((limit - start) / delta));
    return { types: [tensorType(context.elem(0), [length])], ints: length <= 64 ? { scalar: false, values: Array.from({ length }, (_, i) => start + i * delta) } : null };
  },
  OneHot: (context) => {
    const indices = context.shape(0);
    const depth = context.ints(1)?.values[0] ?? null;
    const axis = intAttribute(context.node, 'axis', -1);
    if (!indices) return [tensorType(context.elem(2))];
    const at = axis < 0 ? axis + indices.length + 1 : axis;
    return [tensorType(context.elem(2), [...indices.slice(0, at), depth, ...indices.slice(at)])];
  },
  NonZero: ({ shape }) => [tensorType(INT64, [shape(0)?.length ?? null, null])],
  Compress: ({ node, shape, elem }) => {
    const axis = intAttribute(node, 'axis', null);
    return [tensorType(elem(0), axis === null ? [null] : shape(0)?.map((dim, i, all) => (i === (axis < 0 ? axis + all.length : axis) ? null : dim)) ?? null)];
  },
  Unique: ({ elem }) => [tensorType(elem(0), null), tensorType(INT64, [null]), tensorType(INT64, [null]), tensorType(INT64, [null])],
};
