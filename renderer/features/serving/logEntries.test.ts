import { expect, it } from 'vitest';
import { emptyLog, withEntry, type LogEntry } from './logEntries.ts';

const line = (text: string): LogEntry => ({ at: '2026-11-25T08:00:00.000Z', container: 'gateway', stream: 'stdout', line: text });

it('does not double what the host tells again after it came back', () => {
  const before = ['a', 'b'].map(line).reduce((held, entry) => withEntry(held, 1, entry), emptyLog);
  const after = ['a', 'b', 'c'].map(line).reduce((held, entry) => withEntry(held, 2, entry), before);
  expect(after.entries.map((each) => each.line)).toEqual(['a', 'b', 'c']);
});
