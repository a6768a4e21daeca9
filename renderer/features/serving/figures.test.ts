import { expect, it } from 'vitest';
import { serving, servingCanary, servingOldGateway, servingShadow, servingStopped } from '../../gallery/fixtures/serving.ts';
import { latencyOf, requestsPerSec, sumOf } from './figures.ts';

it('counts what clients asked, not the copies for a shadow', () => {
  expect(requestsPerSec(serving)).toBeCloseTo(6_214 / 300);
  expect(requestsPerSec(servingShadow)).toBeCloseTo(6_214 / 300);
  expect(requestsPerSec(servingCanary)).toBeCloseTo((5_590 + 624) / 300);
});
it('has the percentiles of the live version', () => { expect([latencyOf(servingCanary, 'p50Ms'), latencyOf(servingCanary, 'p99Ms')]).toEqual([9.1, 18.4]); });
it('knows nothing where no gateway tells, which is not zero', () => {
  expect([requestsPerSec(servingStopped), latencyOf(servingStopped, 'p99Ms'), sumOf(servingStopped, 'answered'), requestsPerSec(servingOldGateway)]).toEqual([null, null, null, null]);
});
