import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTamperBed, tamperKinds, type TamperBed } from '#test/fuzz/tamper';

let tampering: TamperBed;
beforeAll(async () => { tampering = await openTamperBed(); });
afterAll(() => tampering.bed.close());

test('untouched evidence has no findings', async () => {
  expect(await tampering.check()).toEqual([]);
});

// bench/results/tampering.json has a thousand of them.
test.each(tamperKinds)('tampering is found at its place: %s', async (kind) => {
  for (const seed of [1, 2, 3]) expect(await tampering.tamper(kind, seed), kind).toMatchObject({ found: true });
  expect(await tampering.check()).toEqual([]);
});
