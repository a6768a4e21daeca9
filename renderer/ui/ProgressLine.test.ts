import { expect, it } from 'vitest';
import { restWords } from './ProgressLine.tsx';

it('tells what remains as coarsely as it is known, never less than a step', () => {
  const min = 60_000;
  expect([0, 3000, 41_000, 59_000, 2 * min, 2 * min + 3000, 59 * min, 61 * min, 125 * min].map((ms) => restWords(ms).replace(/^about (.*) left in this stage$/u, '$1')))
    .toEqual(['5 s', '5 s', '45 s', '1 min', '2 min', '2 min 15 s', '59 min', '1 h 1 min', '2 h 5 min']);
});
