import { expect, it } from 'vitest';
import { formatTable } from './style.ts';

const plain = (text: string) => text;

it('cuts a cell over 400 characters with an ellipsis, so that the columns after it stay in sight', () => {
  const [, row = ''] = formatTable(['A', 'B'], [['x'.repeat(2_000), 'end']], plain).split('\n');
  expect(row).toBe(`${'x'.repeat(399)}…  end`);
  expect(formatTable(['A'], [['y'.repeat(400)]], plain)).toContain('y'.repeat(400));
});

it('neither counts colours nor cuts through them or a character of two units, and ends those it cut off', () => {
  const [, row = ''] = formatTable(['A'], [[`\u001b[31m${'😀'.repeat(300)}\u001b[39m`]], plain).split('\n');
  expect(row).toBe(`\u001b[31m${'😀'.repeat(199)}…\u001b[0m`);
});
