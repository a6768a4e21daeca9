import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inLanguage } from './texts/say.ts';
import { formatBytes, formatLimitValue, formatNumber, formatTime, safeLine, safeText } from './text.ts';

test('marks that reorder or hide text, and control characters, are shown by code', () => {
  expect(safeText('photo\u202egnp.exe\u0000\u200b\u001b[31m', 200)).toBe('photo[U+202E]gnp.exe[U+0000][U+200B][U+001B][31m');
});

test('endless text is cut, and the note says how much there was', () => {
  expect(safeText('x'.repeat(10_000), 5)).toBe('xxxxx… (cut: 10000 characters, first 5 shown)');
  expect(safeText('x'.repeat(10_000), 5, 'de')).toBe('xxxxx… (gekürzt: 10000 Zeichen, die ersten 5 gezeigt)');
});

test('whatever comes in, nothing invisible or reordering comes out, and no lone half of a character', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.integer({ min: 1, max: 300 }), (text, max) => {
    const shown = safeText(text, max);
    expect(shown).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/);
    expect(shown).toBe(Buffer.from(shown, 'utf8').toString('utf8'));
  }), { numRuns: 300 });
});

test('names stay on one line', () => expect(safeLine(' Anna\r\n Keller\u2028', 100)).toBe('Anna Keller'));

test('numbers keep three or more significant digits and never turn into another number beside a limit', () => {
  expect([0.97, 12.3456, 1234.56, 0.000012345, 42, Number.NaN, Number.POSITIVE_INFINITY].map((value) => inLanguage('en', formatNumber(value)))).toEqual(['0.9700', '12.35', '1234.6', '1.234e-5', '42', 'not a number', 'infinite']);
  expect([0.97, 0.96996, 0.9699999, 25].map(formatLimitValue)).toEqual(['0.9700', '0.96996', '0.9700', '25']);
});

test('sizes give the exact count as well', () => expect([formatBytes(999), formatBytes(1_234_567)].map((text) => inLanguage('en', text))).toEqual(['999 bytes', '1.235 MB (1234567 bytes)']));
test('times keep their zone', () => expect([formatTime('2026-11-20T09:04:31.512Z'), formatTime('2026-11-20T09:04:31.5+01:00')]).toEqual(['2026-11-20T09:04:31Z', '2026-11-20T09:04:31+01:00']));
