import { expect, it } from 'vitest';
import fc from 'fast-check';
import { makeRing } from './recordRing.ts';

it('holds the newest entries within number and bytes, whatever comes, and the newest in any case', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 100 }), fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 80 }), (entriesMax, bytesMax, sizes) => {
    const ring = makeRing<number>(bytesMax);
    ring.limit(entriesMax);
    const expected: number[] = [];
    const sum = () => expected.reduce((total, at) => total + (sizes[at] ?? 0), 0);
    for (const [index, size] of sizes.entries()) {
      ring.push(index, size);
      expected.push(index);
      while (expected.length > 1 && (expected.length > entriesMax || sum() > bytesMax)) expected.shift();
      expect([ring.entries(), ring.bytes()]).toEqual([expected, sum()]);
    }
  }));
});

it('lets the oldest go when the limit is lowered, and everything when it is cleared', () => {
  const ring = makeRing<number>(100);
  for (let i = 0; i < 10; i++) ring.push(i, 5);
  ring.limit(3);
  expect([ring.entries(), ring.bytes()]).toEqual([[7, 8, 9], 15]);
  ring.clear();
  expect([ring.entries(), ring.bytes()]).toEqual([[], 0]);
});
