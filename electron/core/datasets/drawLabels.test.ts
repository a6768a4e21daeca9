// What is drawn lies where the label says, and nothing is drawn outside the picture.
import { expect, it } from 'vitest';
import type { RawImage } from '../preprocess/resize.ts';
import { drawBoxes, tintMask } from './drawLabels.ts';

const gray = (width: number, height: number, value = 0): RawImage => ({ width, height, channels: 1, data: new Uint8Array(width * height).fill(value) });
const lit = ({ width, height, data }: RawImage) => Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_each, x) => (data[(y * width + x) * 3 + 1] === 0 ? '.' : '#')).join(''));

it('a box is an outline in the scale of the small picture', () => {
  expect(lit(drawBoxes(gray(6, 5), [{ category: 0, box: [10, 10, 40, 30] }], [0.1, 0.1]))).toEqual(['......', '.####.', '.#..#.', '.####.', '......']);
  expect(lit(drawBoxes(gray(4, 3), [{ category: 1, box: [-50, -50, 1000, 1000] }], [1, 1]))).toEqual(['....', '....', '....']);
  expect(lit(drawBoxes(gray(4, 3), [{ category: 9, box: [2, 1, 0.1, 0.1] }], [1, 1]))).toEqual(['....', '..#.', '....']);
});
it('a mask tints what is neither background nor void', () => {
  const mask: RawImage = { width: 2, height: 1, channels: 1, data: Uint8Array.of(1, 255) };
  expect(lit(tintMask(gray(4, 1), mask))).toEqual(['##..']);
  expect(lit(tintMask(gray(4, 1), gray(2, 1)))).toEqual(['....']);
});
