import fc from 'fast-check';
import { expect, it } from 'vitest';
import { numberSentence, parseNumber } from './parseNumber.ts';

const whole = (text: string) => parseNumber(text, { min: 1, max: 1_000_000, whole: true });
const any = (text: string) => parseNumber(text, {});

it('reads thousands in a field of whole numbers, however they are parted', () => {
  expect(['1,000', '1.000', '1 000', "1'000", '1\u202f000', '1000', '250,000', '1e3', '12'].map(whole)).toEqual([1000, 1000, 1000, 1000, 1000, 1000, 250_000, 1000, 12]);
});
it('refuses what is no whole number, instead of taking its beginning', () => {
  expect(['1.5', '1,5', '1.000,5', '10,00', '1,0000', '1,000.000', '0x10', '12 samples', '1 2', '', '0', '1000001', '∞', 'Infinity', 'NaN'].map(whole)).toEqual(Array.from({ length: 15 }, () => undefined));
});
it('reads decimals by point or comma, and refuses what can be read in two ways', () => {
  expect(['0.5', '0,5', '.5', '1.250', '12,5', '0,125', '1,000,000', '1.000.000', '1,000.5', '1.000,5', '-3', '1e-6'].map(any)).toEqual([0.5, 0.5, 0.5, 1.25, 12.5, 0.125, 1e6, 1e6, 1000.5, 1000.5, -3, 1e-6]);
  expect(['1,000', '250,000', '1,2,3', '0x10', '1e', '--1', 'e3', '.'].map(any)).toEqual(Array.from({ length: 8 }, () => undefined));
});
it('takes nothing only where nothing is an answer, and holds bounds', () => {
  expect(parseNumber(' ', { optional: true })).toBeNull();
  expect(parseNumber(' ', {})).toBeUndefined();
  expect([parseNumber('200', { max: 100 }), parseNumber('32', { min: 64 }), parseNumber('80800', { min: 1, max: 65_535, whole: true })]).toEqual([undefined, undefined, undefined]);
});
it('reads every number that the screen itself writes', () => fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer(), (number, count) => {
  expect(any(String(number))).toBe(Number(String(number)));
  expect(parseNumber(count.toLocaleString('en-US'), { whole: true })).toBe(count);
})));
it('says what the field takes', () => {
  expect(numberSentence('80800', { min: 1, max: 65_535, whole: true })).toBe('A whole number from 1 up to 65535.');
  expect(numberSentence('x', {})).toBe('A number.');
  expect(numberSentence('1,000', { min: 0 })).toBe('Write 1000 or 1.000: 1,000 can be read as both.');
});
