import { expect, it } from 'vitest';
import { usableCores } from './usableCores.ts';

it('counts the cores of the quota, and no more than the machine has', () => {
  expect([usableCores(() => '100000 100000\n'), usableCores(() => '50000 100000\n')]).toEqual([1, 1]);
  expect(usableCores(() => '99900000 100000\n')).toBe(usableCores(() => 'max 100000\n'));
});
