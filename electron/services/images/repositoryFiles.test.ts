// Names that a model is served under, and that its image has.
import { expect, it } from 'vitest';
import { imageNameOf, servedNameOf } from './repositoryFiles.ts';

it('leaves no separator at either end, also where a long name was cut', () => {
  expect(servedNameOf('.a b.')).toBe('a-b');
  expect(servedNameOf(`${'a'.repeat(79)}-b`)).toBe('a'.repeat(79));
  expect(servedNameOf('..')).toBe('model');
});

it.each([
  ['a..b', 'a-b'], ['a._b', 'a-b'], ['a-_b', 'a-b'], ['a___b', 'a-b'],
  // These an engine takes, and images carry them already.
  ['Line.A__b--c_d', 'line.a__b--c_d'],
])('makes an image name that engines take: %s', (name, expected) => {
  expect(imageNameOf(name)).toBe(expected);
});
