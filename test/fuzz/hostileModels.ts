// Small files made to cost much: each is valid in its encoding, and grows without bound in some structure that a check walks over.
import { varint } from './mutateModel.ts';

const joined = (parts: readonly Uint8Array[]): Uint8Array => {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { result.set(part, at); at += part.length; }
  return result;
};
const field = (number: number, body: Uint8Array | string): Uint8Array => {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  return joined([Uint8Array.from([...varint(number * 8 + 2), ...varint(bytes.length)]), bytes]);
};
const repeated = (part: Uint8Array, times: number): Uint8Array => joined(Array.from({ length: times }, () => part));
const each = (times: number, make: (index: number) => Uint8Array): Uint8Array => joined(Array.from({ length: times }, (_, index) => make(index)));
const none = new Uint8Array();
/** NodeProto: inputs, outputs, operator, attributes. */
const node = (operator: string, inputs: readonly string[], outputs: readonly string[], attributes: readonly Uint8Array[] = []) => field(1, joined([...inputs.map((name) => field(1, name)), ...outputs.map((name) => field(2, name)), field(4, operator), ...attributes.map((one) => field(5, one))]));
const branch = (name: string, graph: Uint8Array) => joined([field(1, name), field(6, graph)]);
const tensorInput = (name: string, dims: Uint8Array) => field(11, joined([field(1, name), field(2, field(1, joined([Uint8Array.of(8, 1), field(2, dims)])))]));
const oneDim = (text: string) => field(1, field(2, text));
const model = (...graph: readonly Uint8Array[]) => joined([Uint8Array.of(8, 8), field(8, Uint8Array.of(0x10, 17)), field(7, joined([...graph, field(12, field(1, 'y'))]))]);

const nestedBranches = (depth: number): Uint8Array => {
  let graph = node('Neg', ['w'], ['q']);
  for (let i = 0; i < depth; i++) graph = node('If', ['c'], ['q'], [branch('then_branch', graph), branch('else_branch', graph)]);
  return graph;
};

/** By what they do; each made when asked for. */
export const hostileModels: Readonly<Record<string, () => Uint8Array>> = {
  'a million empty nodes': () => model(repeated(field(1, none), 1_000_000)),
  'twenty thousand nodes of one name': () => model(repeated(field(1, joined([field(2, 'y'), field(3, 'same'), field(4, 'Relu')])), 20_000)),
  'twenty thousand nodes in the wrong order': () => model(each(20_000, (i) => node('Relu', [`v${i + 1}`], [`v${i}`]))),
  'four thousand If nodes, each with two graphs': () => model(each(4000, (i) => node('If', ['c'], [`v${i}`], ['then_branch', 'else_branch'].map((name) => branch(name, joined([node('Neg', ['w'], ['q']), field(12, field(1, 'q'))])))))),
  'graphs within graphs, twice as many at each level': () => model(nestedBranches(10)),
  'a shape of ten thousand dimensions, handed on': () => model(tensorInput('v0', repeated(field(1, Uint8Array.of(8, 2)), 10_000)), each(2000, (i) => node('Neg', [`v${i}`], [`v${i + 1}`]))),
  'a rank that grows with each node': () => model(tensorInput('v0', oneDim('N')), each(2000, (i) => node('Unsqueeze', [`v${i}`], [`v${i + 1}`], [joined([field(1, 'axes'), Uint8Array.of(0x40, 0, 0xa0, 1, 7)])]))),
  'a tensor of a million dimensions': () => model(field(5, joined([field(8, 'w'), field(1, new Uint8Array(1_000_000).fill(1)), Uint8Array.of(0x10, 1), field(9, new Uint8Array(4))]))),
  'a node with forty thousand inputs': () => model(node('Concat', Array.from({ length: 40_000 }, (_, i) => `a${i}`), ['y'])),
  'a node with forty thousand attributes': () => model(node('Concat', ['a'], ['y'], Array.from({ length: 40_000 }, () => none))),
  'a list of a million numbers': () => model(node('Constant', [], ['y'], [joined([field(1, 'value_ints'), field(8, new Uint8Array(1_000_000).fill(1)), Uint8Array.of(0xa0, 1, 7)])])),
  'names of a million letters': () => model(node('A'.repeat(1_000_000), ['B'.repeat(1_000_000)], ['y'])),
};
