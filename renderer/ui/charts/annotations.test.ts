import { expect, it } from 'vitest';
import { placeWords } from './annotations.ts';

it('puts words of events that would stand on each other into rows', () => {
  const deployed = placeWords([], 110, 60, 220);
  expect(deployed).toEqual({ from: 114, to: 174, row: 0 });
  const restarted = placeWords([deployed], 180, 64, 220); // no room at its right
  expect(restarted).toEqual({ from: 112, to: 176, row: 1 });
  expect(placeWords([deployed, restarted], 10, 60, 220).row).toBe(0);
});
