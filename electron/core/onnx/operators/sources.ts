// Operators that make data (constants, random numbers, windows), recurrent layers and quantization.
import { attributeOf, intAttribute, intsAttribute } from '../graph/attributes.ts';
import { tensorOfConstant } from '../GraphView.ts';
import { tensorType, type Dim } from '../types/ValueType.ts';
import type { Rule, RuleContext, RuleTable } from './Rule.ts';
import { productOf } from './shapeMath.ts';

/** X is [seq, batch, input], or [batch, seq, input] with layout 1; W is [directions, gates x hidden, input]. */
const recurrent: Rule = ({ node, shape, elem }) => {
  const x = shape(0);
  const hidden = intAttribute(node, 'hidden_size', null) ?? lastSize(shape(2)?.[2]);
  const directions = lastSize(shape(1)?.[0]) ?? (attributeOf(node, 'direction') && new TextDecoder().decode(attributeOf(node, 'direction')?.s) === 'bidirectional' ? 2 : 1);
  const batchFirst = intAttribute(node, 'layout', 0) === 1;
  const seq = x ? x[batchFirst ? 1 : 0] ?? null : null;
  const batch = x ? x[batchFirst ? 0 : 1] ?? null : null;
  const all: Dim[] = batchFirst ? [batch, seq, directions, hidden] : [seq, directions, batch, hidden];
  const last: Dim[] = batchFirst ? [batch, directions, hidden] : [directions, batch, hidden];
  return [tensorType(elem(0), all), tensorType(elem(0), last), tensorType(elem(0), last)].slice(0, node.opType === 'LSTM' ? 3 : 2);
};

const lastSize = (dim: Dim | undefined) => (typeof dim === 'number' ? dim : null);

const random: Rule = ({ node }) => [tensorType(intAttribute(node, 'dtype', 1), intsAttribute(node, 'shape', null))];
const randomLike: Rule = ({ node, shape, elem }) => [tensorType(intAttribute(node, 'dtype', elem(0)), shape(0))];
const window: Rule = ({ node, ints }) => [tensorType(intAttribute(node, 'output_datatype', 1), [ints(0)?.values[0] ?? null])];

const constant: Rule = ({ node }) => {
  const tensor = tensorOfConstant(node);
  if (tensor) return [tensorType(tensor.dataType, tensor.dims.map(Number))];
  const sparse = attributeOf(node, 'sparse_value')?.sparseTensor;
  return sparse ? [tensorType(sparse.values?.dataType ?? 0, sparse.dims.map(Number))] : [];
};

/** The zero point carries the type of the quantized side; since opset 21 `output_dtype` may say it. */
const quantize = ({ node, shape, elem }: RuleContext) => [tensorType(intAttribute(node, 'output_dtype', 0) || elem(2) || 2, shape(0))];

export const sourceRules: RuleTable = {
  Constant: constant,
  LSTM: recurrent, GRU: recurrent, RNN: recurrent,
  RandomNormal: random, RandomUniform: random, RandomNormalLike: randomLike, RandomUniformLike: randomLike, Bernoulli: randomLike,
  EyeLike: randomLike,
  Multinomial: ({ node, shape }) => [tensorType(intAttribute(node, 'dtype', 6), [shape(0)?.[0] ?? null, intAttribute(node, 'sample_size', 1)])],
  HannWindow: window, HammingWindow: window, BlackmanWindow: window,
  QuantizeLinear: quantize,
  DequantizeLinear: ({ node, shape, elem }) => [tensorType(intAttribute(node, 'output_dtype', 0) || elem(1) || 1, shape(0))],
  DynamicQuantizeLinear: ({ shape }) => [tensorType(2, shape(0)), tensorType(1, []), tensorType(2, [])],
  StringNormalizer: ({ shape }) => [tensorType(8, shape(0)?.map(() => null) ?? null)],
  StringConcat: ({ shape }) => [tensorType(8, shape(0))],
  RegexFullMatch: ({ shape }) => [tensorType(9, shape(0))],
  TfIdfVectorizer: ({ node, shape }) => {
    const width = Math.max(-1, ...intsAttribute(node, 'ngram_indexes', [])) + 1;
    const input = shape(0);
    return [tensorType(1, input ? [...input.slice(0, -1), width] : null)];
  },
  DFT: ({ elem, shape }) => [tensorType(elem(0), shape(0)?.map(() => null) ?? null)],
  STFT: ({ elem }) => [tensorType(elem(0), null)],
  Col2Im: ({ elem, shape, ints }) => {
    const image = ints(1)?.values;
    const input = shape(0);
    const block = ints(2)?.values;
    const cells = block ? productOf(block) : null;
    const channels = typeof input?.[1] === 'number' && typeof cells === 'number' && cells > 0 ? input[1] / cells : null;
    return [tensorType(elem(0), image && input ? [input[0] ?? null, channels, ...image] : null)];
  },
};
