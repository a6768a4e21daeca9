import { expect, it } from 'vitest';
import { planSamples } from './planSamples.ts';

it('how many samples a rate needs, and what samples prove', () => {
  expect(planSamples({ maxRate: 0.005, confidence: 0.95, failures: 0 })).toEqual({ samplesNeeded: 598, provenRate: null, sentence: '0 misses in 598 samples prove a rate below 0.5 % at 95 % confidence.' });
  const back = planSamples({ confidence: 0.95, failures: 0, samples: 598 });
  expect(back).toMatchObject({ samplesNeeded: null, sentence: '0 misses in 598 samples prove a rate below 0.5 % at 95 % confidence.' });
  expect(back.provenRate).toBeLessThanOrEqual(0.005);
  expect(planSamples({ confidence: 0.95, failures: 0, samples: 597 }).provenRate).toBeGreaterThan(0.005);
  expect(planSamples({ maxRate: 0.005, confidence: 0.95, failures: 0, samples: 500 })).toMatchObject({ samplesNeeded: 598, sentence: expect.stringContaining('98 more without a miss prove 0.5 %.') as string });
  expect(planSamples({ maxRate: 0.005, confidence: 0.95, failures: 1, samples: 1000 }).sentence).toMatch(/^1 miss in 1000 samples .* That is enough for 0\.5 %\.$/);
  expect(planSamples({ confidence: 0.95, failures: 0, samples: 0 })).toEqual({ samplesNeeded: null, provenRate: null, sentence: 'No sample proves nothing.' });
});
it('what cannot be planned is told', () => {
  expect(() => planSamples({ confidence: 0.95, failures: 0 })).toThrow('Neither a rate nor a number of samples is given');
  expect(() => planSamples({ confidence: 0.95, failures: 3, samples: 2 })).toThrow('3 failures are more than 2 samples.');
});
