import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeLogReader } from './logFrames.ts';

const frame = (stream: 1 | 2, text: string) => {
  const bytes = Buffer.from(text);
  const head = Buffer.alloc(8);
  head[0] = stream;
  head.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([head, bytes]);
};
const at = '2026-11-25T13:00:06.731994415Z';

describe('makeLogReader', () => {
  it('gives the same lines however the bytes are cut', () => {
    const line = fc.string({ maxLength: 40, unit: 'grapheme' }).map((text) => text.replace(/[\n\r]/g, ''));
    fc.assert(fc.property(fc.array(fc.record({ stream: fc.constantFrom(1 as const, 2 as const), line })), fc.array(fc.nat(30), { minLength: 1 }), (lines, cuts) => {
      const bytes = Buffer.concat(lines.map((one) => frame(one.stream, `${at} ${one.line}\n`)));
      const reader = makeLogReader();
      const read = [];
      for (let from = 0, index = 0; from < bytes.length; index++) {
        const length = 1 + (cuts[index % cuts.length] ?? 0);
        read.push(...reader.push(bytes.subarray(from, from + length)));
        from += length;
      }
      expect([...read, ...reader.end()]).toEqual(lines.map((one) => ({ stream: one.stream === 1 ? 'stdout' : 'stderr', at, line: one.line })));
    }));
  });
  it('keeps the two streams apart, and a last line without an end', () => {
    const reader = makeLogReader();
    expect([...reader.push(Buffer.concat([frame(1, `${at} be`), frame(2, `${at} oops\n`), frame(1, 'gun\r\n'), frame(1, `${at} half`)])), ...reader.end()]).toEqual([
      { stream: 'stderr', at, line: 'oops' }, { stream: 'stdout', at, line: 'begun' }, { stream: 'stdout', at, line: 'half' },
    ]);
  });
  it('cuts a line that never ends, so that memory stays flat', () => {
    const reader = makeLogReader();
    const lines = [...reader.push(frame(1, 'x'.repeat(200_000))), ...reader.end()];
    expect(lines.map(({ line }) => line.length).reduce((sum, length) => sum + length)).toBe(200_000);
    expect(lines.length).toBeGreaterThan(2);
  });
});
