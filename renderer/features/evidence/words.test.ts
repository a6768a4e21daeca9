import { expect, it } from 'vitest';
import { nextMeaning } from './words.ts';

it('asks for the signature that a report lacks next, whatever order they were given in', () => {
  expect(nextMeaning([])).toBe('prepared');
  expect(nextMeaning([{ meaning: 'prepared' }])).toBe('reviewed');
  expect(nextMeaning([{ meaning: 'approved' }, { meaning: 'prepared' }])).toBe('reviewed');
  expect(nextMeaning([{ meaning: 'prepared' }, { meaning: 'reviewed' }, { meaning: 'approved' }])).toBeNull();
});
