import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileName, formatBytes, formatClock, formatCount, formatDateTime, formatDb, formatDuration, formatMs, formatNumber, formatShape, formatShare, plural, shellWord, stationTitle, timeAgo, toCsv } from './format.ts';

describe('bytes', () => {
  it('are written in the unit that keeps the figure below a thousand', () => {
    expect([0, 999, 1000, 285_029, 999_499, 999_950, 1_115_437, 31.8e9].map(formatBytes)).toEqual(['0 B', '999 B', '1.0 kB', '285 kB', '999 kB', '1.0 MB', '1.1 MB', '31.8 GB']);
    fc.assert(fc.property(fc.double({ min: 0, max: 999e12, noNaN: true }), (bytes) => {
      const [figure, unit] = formatBytes(bytes).split(' ');
      const scale = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 }[unit ?? ''] ?? Number.NaN;
      expect(Number(figure)).toBeLessThan(1000);
      expect(Math.abs(Number(figure) * scale - bytes)).toBeLessThanOrEqual(0.5 * scale);
    }));
  });
  it('that nobody knows are unknown, not zero', () => expect([formatBytes(null), formatMs(null), formatShare(null), formatNumber(null), formatMs(Number.NaN)]).toEqual(['unknown', 'unknown', 'unknown', 'unknown', 'unknown']));
});

describe('figures', () => {
  it('keep three significant digits of a latency', () => expect([0.2303, 0.9949, 0.996, 9.123, 18.44, 99.96, 412.3].map(formatMs)).toEqual(['0.230 ms', '0.995 ms', '1.00 ms', '9.12 ms', '18.4 ms', '100 ms', '412 ms']));
  it('show a share as percent with a true minus', () => expect([formatShare(0.9934), formatShare(-0.0007), formatShare(1, 0)]).toEqual(['99.34 %', '−0.07 %', '100 %']));
  it('call infinite signal to noise by its meaning', () => expect([formatDb(null), formatDb(34.25), formatDb(-3)]).toEqual(['bit-exact', '34.3 dB', '−3.0 dB']));
  it('group thousands and lose no digit', () => {
    expect([formatCount(999), formatCount(1_234_567), formatCount(-12_345)]).toEqual(['999', '1,234,567', '−12,345']);
    fc.assert(fc.property(fc.integer({ min: 0 }), (count) => { expect(Number(formatCount(count).replaceAll(',', ''))).toBe(count); }));
  });
  it('read back to the number within the digits shown', () => fc.assert(fc.property(fc.double({ min: 1e-3, max: 999_999, noNaN: true }), fc.boolean(), (size, negative) => {
    const value = negative ? -size : size;
    const text = formatNumber(value);
    expect(text).not.toContain('e');
    expect(Math.abs(Number(text.replace('−', '-')) - value)).toBeLessThanOrEqual(Math.max(5e-4 * size, 5e-7));
  })));
  it('say one and many', () => expect([plural(1, 'thread'), plural(1200, 'sample'), plural(0, 'entry', 'entries')]).toEqual(['1 thread', '1,200 samples', '0 entries']));
  it('show dimensions that are not known', () => expect([formatShape([null, 3, 'h', 224]), formatShape([])]).toEqual(['? × 3 × h × 224', 'scalar']));
});

describe('times', () => {
  it('carry into the next unit and never show 60 of one', () => {
    expect([340, 12_400, 59_949, 59_951, 192_000, 3_599_900, 7_500_000].map(formatDuration)).toEqual(['340 ms', '12.4 s', '59.9 s', '1 min 00 s', '3 min 12 s', '1 h 00 min', '2 h 05 min']);
    fc.assert(fc.property(fc.integer({ min: 0, max: 400_000_000 }), (ms) => { expect(formatDuration(ms)).not.toMatch(/\b60(\.0)? (s|min)/); }));
  });
  it('say coarsely how long ago', () => {
    const now = Date.parse('2026-11-25T09:30:00Z');
    expect([10, 60, 3000, 7200, 86_400, 400_000].map((seconds) => timeAgo(new Date(now - seconds * 1000).toISOString(), now))).toEqual(['just now', '1 min ago', '50 min ago', '2 h ago', '1 day ago', '5 days ago']);
  });
  it('that cannot be read are a dash, not "Invalid Date"', () => expect([formatDateTime(null), formatDateTime('soon'), formatClock('')]).toEqual(['–', '–', '–']));
});

describe('what leaves the page', () => {
  it('is a CSV in which no cell is a formula', () => expect(toCsv(['name', 'ms'], [['=cmd()', 1.5], ['@SUM', null], ['a "b", c', -2], ['-1', 3]])).toBe(`name,ms\r\n'=cmd(),1.5\r\n'@SUM,\r\n"a ""b"", c",-2\r\n'-1,3\r\n`));
  it('is a command whose words a shell gives back unchanged', () => {
    const words = fc.sample(fc.string({ minLength: 1, unit: 'binary' }).filter((word) => !/[\0\uD800-\uDFFF]/u.test(word)), { numRuns: 300, seed: 7 }).concat(['/srv/my models/lid.onnx', "it's", '$HOME', '`id`', '*', '-o']);
    const back = execFileSync('sh', ['-c', `printf '%s\\0' ${words.map(shellWord).join(' ')}`], { encoding: 'utf8' }).split('\0').slice(0, -1);
    expect(back).toEqual(words);
  });
  it('names files of either system', () => expect([fileName('/srv/a/model.onnx'), fileName('C:\\plant\\model.onnx'), fileName('model.onnx')]).toEqual(['model.onnx', 'model.onnx', 'model.onnx']));
});
it('a station is named with its line once', () => expect([stationTitle({ line: 'Line 3', name: 'Lid seal' }), stationTitle({ line: 'Line 3', name: 'Line 3 · Lid seal' }), stationTitle({ line: '', name: 'Lid seal' }), stationTitle({ line: 'Line 3', name: 'Line 3' })]).toEqual(['Line 3 · Lid seal', 'Line 3 · Lid seal', 'Lid seal', 'Line 3']));
