// The words for the answers' quality.
import { expect, it } from 'vitest';
import { answerQuality } from './answerQuality.ts';

it('says identical only where all was compared and is equal', () => {
  expect(answerQuality({ sqnrDb: null, agreement: null, compared: true, identical: true })).toBe('identical');
  expect(answerQuality({ sqnrDb: null, agreement: null, compared: false, identical: false })).toBe('not compared');
  expect(answerQuality({ sqnrDb: null, agreement: 0.9996, compared: true, identical: false })).toBe('99.9 % equal');
  expect(answerQuality({ sqnrDb: 34.25, agreement: 0.5, compared: true, identical: false })).toBe('34.3 dB, 50.0 % equal');
  expect(answerQuality({ sqnrDb: 34, agreement: 1 }, (db) => `${db} dB`)).toBe('34 dB');
  expect(answerQuality({ sqnrDb: null })).toBe('no difference in what was compared'); // a receipt of a former version
});
