// Subgroups of a data set: how columns split the samples, each by itself or several crossed.
import { AppError } from '#shared/errors';
import { textOf } from './labelSets.ts';
import type { Table } from './table.ts';

/** One way to split the samples; an empty cell is a group of its own, "(missing)". */
export interface Subgrouping { readonly column: string; readonly values: readonly string[] }
/** A column, or several that are crossed: `[shift, [shift, camera]]` in dataset.yaml. */
export type SubgroupSpec = string | readonly string[];

/** More ways, or values of one, than a person reads and a bound for each pays for. */
const mostGroupings = 8, mostValues = 100;

export const specsOf = (given: string | readonly SubgroupSpec[] | undefined): readonly SubgroupSpec[] => (given === undefined ? [] : typeof given === 'string' ? [given] : given);
export const columnsOf = (specs: readonly SubgroupSpec[]): readonly string[] => [...new Set(specs.flat())];

/**
 * The groupings of the samples, of which sample i stands in row `rowOf(i)` of the table. Throws BAD_DATA naming file and column: a column that is
 * not there, or one with so many values that they are no groups.
 */
export function subgroupsOf(table: Table, specs: readonly SubgroupSpec[], fileName: string, samples: number, rowOf: (index: number) => number): Subgrouping[] {
  if (specs.length > mostGroupings) throw new AppError('BAD_DATA', `dataset.yaml names ${specs.length} subgroups; at most ${mostGroupings} are split by.`, { hint: 'Name those that the decision may depend on.' });
  return specs.map((spec): Subgrouping => {
    const names = typeof spec === 'string' ? [spec] : spec;
    const columns = names.map((name) => {
      const found = table.columns.find((each) => each.name === name);
      if (!found) throw new AppError('BAD_DATA', `${fileName} has no column "${name}", which dataset.yaml names.`, { hint: `Columns: ${table.columns.slice(0, 40).map((each) => each.name).join(', ')}.` });
      return found;
    });
    const values = Array.from({ length: samples }, (_, index) => columns.map((each) => textOf(each, rowOf(index)) ?? '(missing)').join(' × '));
    const column = names.join(' × '), different = new Set(values).size;
    if (different > mostValues) throw new AppError('BAD_DATA', `The subgroups by "${column}" in ${fileName} have ${different.toLocaleString('en')} different values; at most ${mostValues} make groups.`, { hint: 'Name a column with few values, such as shift, camera or material; put numbers into classes first.' });
    return { column, values };
  });
}
