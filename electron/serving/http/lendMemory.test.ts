// Memory that is lent comes back once, after the last reader.
import { expect, it } from 'vitest';
import { lendMemory } from './lendMemory.ts';

it('comes back once, when lender and readers are done, in whatever order', () => {
  let given = 0;
  const { hold, release } = lendMemory(() => { given += 1; });
  const [a, b] = [hold(), hold()];
  a();
  a();
  release();
  expect(given).toBe(0);
  const late = hold();
  b();
  expect(given).toBe(0);
  late();
  b();
  expect(given).toBe(1);
});
