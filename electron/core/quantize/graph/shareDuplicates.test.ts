import { describe, expect, it } from 'vitest';
import { node, noise, tinyGraph, tinyModel, weight } from '#test/fakes/tinyModel';
import { dataTypes, tensorOver } from './protos.ts';
import { shareDuplicates } from './shareDuplicates.ts';

const values = noise(1024, 1);
const other = values.map((x, i) => (i === 1023 ? x + 1 : x));
const names = (graph: { readonly initializer: readonly { readonly name: string }[] }) => graph.initializer.map(({ name }) => name);

describe('equal weights', () => {
  it('of one graph are stored once under the first name; what differs in one value is left alone', () => {
    const model = tinyModel({
      inputs: { x: [1, 32] }, outputs: { y: [1, 32] }, weights: [weight('a', [32, 32], values), weight('b', [32, 32], other), weight('c', [32, 32], values), weight('d', [16, 64], values)],
      nodes: [node('MatMul', ['x', 'a'], ['p']), node('MatMul', ['p', 'b'], ['q']), node('MatMul', ['q', 'c'], ['y'])],
    });
    expect(shareDuplicates(model)).toBe(4096);
    expect(names(model.graph!)).toEqual(['a', 'b', 'd']);
    expect(model.graph!.node.map(({ input }) => input[1])).toEqual(['a', 'b', 'a']);
  });

  it('stay where they are vectors, small, or an answer of the model', () => {
    const model = tinyModel({
      inputs: { x: [1, 1024] }, outputs: { y: [1, 1024], c: [32, 32] },
      weights: [tensorOver('za', dataTypes.int8, [1024], new Int8Array(1024)), tensorOver('zb', dataTypes.int8, [1024], new Int8Array(1024)), weight('s', [2, 2], values.slice(0, 4)), weight('t', [2, 2], values.slice(0, 4)), weight('b', [32, 32], values), weight('c', [32, 32], values)],
      nodes: [node('Identity', ['x'], ['y'])],
    });
    expect(shareDuplicates(model)).toBe(0);
    expect(names(model.graph!)).toEqual(['za', 'zb', 's', 't', 'b', 'c']);
  });

  it('of several graphs go to the main one under a name that nothing has', () => {
    const branch = (name: string, out: string) => tinyGraph({ outputs: { [out]: [1, 32] }, weights: [weight(name, [32, 32], values)], nodes: [node('MatMul', ['x', name], [out])] });
    const model = tinyModel({
      inputs: { x: [1, 32] }, outputs: { y: [1, 32] }, weights: [tensorOver('which', dataTypes.bool, [], Uint8Array.of(1)), weight('w_shared', [1], [0])],
      nodes: [node('If', ['which'], ['y'], { then_branch: branch('w', 't'), else_branch: branch('v', 'e') })],
    });
    expect(shareDuplicates(model)).toBe(4096);
    expect(names(model.graph!)).toEqual(['which', 'w_shared', 'w_shared_1']);
    for (const { g: inner } of model.graph!.node[0]!.attribute) {
      expect(names(inner!)).toEqual([]);
      expect(inner!.node[0]!.input).toEqual(['x', 'w_shared_1']);
    }
  });
});
