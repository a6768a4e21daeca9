import { expect, it } from 'vitest';
import { columnsOf, specsOf, subgroupsOf } from './subgroups.ts';
import { TableBuilder } from './table.ts';

function tableOf(rows: readonly (readonly (string | number | null)[])[]) {
  const builder = new TableBuilder(['shift', 'camera'], [], (index) => index + 2);
  for (const row of rows) builder.add(row);
  return builder.build();
}
const table = tableOf([['early', 1], ['late', 1], ['early', 2], ['late', null]]);
const split = (given: Parameters<typeof specsOf>[0], rows = table) => subgroupsOf(rows, specsOf(given), 'parts.csv', rows.length, (index) => index);

it('each column splits by itself, and those of a list within the list together', () => {
  expect(split(['shift', 'camera', ['shift', 'camera']])).toEqual([
    { column: 'shift', values: ['early', 'late', 'early', 'late'] }, { column: 'camera', values: ['1', '1', '2', '(missing)'] },
    { column: 'shift × camera', values: ['early × 1', 'late × 1', 'early × 2', 'late × (missing)'] },
  ]);
  expect(split('shift')).toHaveLength(1);
  expect(split(undefined)).toEqual([]);
  expect(columnsOf(['shift', ['shift', 'camera']])).toEqual(['shift', 'camera']);
});
it('what makes no groups is told', () => {
  expect(() => split(['line'])).toThrow('parts.csv has no column "line", which dataset.yaml names.');
  expect(() => split('camera', tableOf(Array.from({ length: 101 }, (_, at) => ['x', at])))).toThrow('The subgroups by "camera" in parts.csv have 101 different values; at most 100 make groups.');
  expect(() => split(Array.from({ length: 9 }, () => 'shift'))).toThrow('dataset.yaml names 9 subgroups; at most 8 are split by.');
});
