import { expect, it } from 'vitest';
import { answerTo } from './answered.ts';

const answered = { asked: { stationId: 's', setId: 'd', index: 3 }, answer: 'three' };

it('shows an answer beside the sample that was sent, and beside no other', () => {
  expect(answerTo(answered, 'd', 's', 3)).toBe('three');
  expect([answerTo(answered, 'd', 's', 4), answerTo(answered, 'e', 's', 3), answerTo(answered, 'd', 't', 3), answerTo(answered, undefined, 's', 3), answerTo(null, 'd', 's', 3)]).toEqual([null, null, null, null, null]);
});
