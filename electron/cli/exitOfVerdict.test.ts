import { expect, it } from 'vitest';
import type { ValidationOutput } from '#shared/contract/validation';
import { exitOfVerdict } from './exitOfVerdict.ts';

const limit = (verdict: 'PASS' | 'FAIL' | 'NOT MEASURED') => ({ id: 'ACC-1', metric: 'accuracy', limit: '≥ 0.9', value: null, interval: null, verdict, reason: '' }) as ValidationOutput['limits'][number];

it('is 1 where a limit failed or was not measured, and 0 where none was given', () => {
  expect(exitOfVerdict({ verdict: 'PASS', limits: [limit('PASS')] })).toBe(0);
  expect(exitOfVerdict({ verdict: 'PASS WITH DEVIATIONS', limits: [limit('PASS')] })).toBe(0);
  expect(exitOfVerdict({ verdict: 'INCOMPLETE', limits: [] })).toBe(0);
  expect(exitOfVerdict({ verdict: 'INCOMPLETE', limits: [limit('PASS'), limit('NOT MEASURED')] })).toBe(1);
  expect(exitOfVerdict({ verdict: 'FAIL', limits: [limit('FAIL')] })).toBe(1);
});
