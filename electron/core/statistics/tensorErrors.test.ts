// Signal-to-noise ratio, cosine and largest error, also in pieces and with values that are not finite; and what a model decides.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide, findScores } from './decision.ts';
import { addErrors, cosine, noErrors, sqnrDb } from './tensorErrors.ts';

describe('tensor errors', () => {
  it('follows the definition: 10 log10 of signal over noise power', () => {
    const sums = addErrors(noErrors, [3, 4], [3, 4.5]);
    expect(sqnrDb(sums)).toBeCloseTo(20, 10);
    expect(sums.maxAbs).toBe(0.5);
    expect(cosine(sums)).toBeCloseTo(27 / Math.sqrt(25 * 29.25), 12);
  });

  it('is the same in one piece and in several', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.float({ noNaN: true, min: -100, max: 100 }), fc.float({ noNaN: true, min: -100, max: 100 })), { minLength: 2 }), fc.nat(), (pairs, at) => {
      const cut = at % pairs.length;
      const [x, y] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
      const whole = addErrors(noErrors, x, y);
      const parts = addErrors(addErrors(noErrors, x.slice(0, cut), y.slice(0, cut)), x.slice(cut), y.slice(cut));
      expect(parts.maxAbs).toBe(whole.maxAbs);
      expect(parts.noise).toBeCloseTo(whole.noise, 6);
    }));
  });

  it('says identical for identical, and never calls a NaN good', () => {
    expect(sqnrDb(addErrors(noErrors, [1, Number.NaN, Infinity], [1, Number.NaN, Infinity]))).toBeNull();
    expect(sqnrDb(addErrors(noErrors, [1, 2], [1, Number.NaN]))).toBe(-300);
    expect(cosine(addErrors(noErrors, [1, 2], [1, Infinity]))).toBe(0);
  });
});

describe('decision', () => {
  it('takes the first of equal scores, and says how close the call was', () => {
    expect(decide([0, 0.2, 0.5, 0.5], 1, 3)).toEqual({ index: 1, margin: 0 });
    expect(decide([0.7, 0.2, 0.1], 0, 3)).toMatchObject({ index: 0 });
    expect(decide([0.9], 0, 1)).toEqual({ index: 1, margin: expect.closeTo(0.8) as number });
  });

  it('finds the rows of scores among other outputs, and none in a feature map', () => {
    const float = (dims: readonly number[]) => ({ type: 'float32', dims, data: new Float32Array(dims.reduce((a, b) => a * b, 1)) }) as const;
    expect(findScores({ label: { type: 'int64', dims: [4], data: new BigInt64Array(4) }, map: float([4, 8, 8]), probabilities: float([4, 3]) }, 4)).toBe('probabilities');
    expect(findScores({ map: float([4, 8, 8]) }, 4)).toBeNull();
    expect(findScores({ scores: float([4, 3, 1, 1]) }, 4)).toBe('scores');
  });
});
