import { expect, it } from 'vitest';
import { changeBetween, changedFields, changeLine, reasonGiven } from './auditChange.ts';

it('keeps of two states only what differs, and nothing where they are equal', () => {
  expect(changeBetween({ a: 1, b: [1, 2], c: null }, { a: 2, b: [1, 2], c: null })).toEqual({ old: { a: 1 }, new: { a: 2 } });
  expect(changeBetween<{ a?: number }>({}, { a: 3 })).toEqual({ old: { a: null }, new: { a: 3 } });
  expect(changeBetween({ a: { b: 1 } }, { a: { b: 1 } })).toBeNull();
});

it('reads the change and the reason of an entry, whatever else its detail holds', () => {
  expect(changedFields({ stationId: 's', old: { taktMs: 40, line: 'A' }, new: { taktMs: 60, line: 'A' } })).toEqual([{ field: 'taktMs', old: '40', new: '60' }]);
  expect(changedFields({ old: null, new: { limits: ['ACC-1 ≥ 0.9', 'TAK-1 ≤ 40'] } })).toEqual([{ field: 'limits', old: null, new: 'ACC-1 ≥ 0.9; TAK-1 ≤ 40' }]);
  expect(reasonGiven({ reason: 'worn lamp' })).toBe('worn lamp');
  for (const other of [null, undefined, 'text', 7, [], { old: 3, new: 4 }, { reason: 5 }]) { expect(changedFields(other)).toEqual([]); expect(reasonGiven(other)).toBeNull(); expect(changeLine(other)).toBe(''); }
});

it('says it on one line', () => {
  expect(changeLine({ old: { taktMs: 40, note: null }, new: { taktMs: 60, note: 'x' }, reason: 'new feeder' })).toBe('taktMs 40 -> 60; note none -> x. Reason: new feeder');
  expect(changeLine({ reason: 'cleaned' })).toBe('Reason: cleaned');
});
