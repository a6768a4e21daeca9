import { expect, it } from 'vitest';
import { parseSize } from './parseSize.ts';

it('reads sizes as Docker does', () => {
  expect(['512m', '1.5g', '2GiB', '64 MB', '1024', '10k'].map(parseSize)).toEqual([512 * 1024 ** 2, 1.5 * 1024 ** 3, 2 * 1024 ** 3, 64 * 1024 ** 2, 1024, 10_240]);
});
it.each(['', 'much', '-1g', '0', '1x', '1e3'])('refuses "%s"', (text) => expect(() => parseSize(text)).toThrow(/size is a number/));
