// § 17: where the model looked in a fixed sample of pictures, or which columns of a table it needs.
import { column, number, paragraph, table, type Block, type Cell } from '../model.ts';
import type { Explained } from '#shared/contract/validation';
import type { ValidationReceipt } from '../receipt.ts';
import { greatestLoss, importanceDrawing, occlusionDrawing, strongestCell } from '../explanationCharts.ts';
import { formatNumber } from '../text.ts';
import { say, type Said } from '../texts/say.ts';
import { missing, type Part } from './Part.ts';

const reasons = { 'wrong': 'a wrong answer', 'close call': 'a close call', 'drawn': 'drawn by chance' } as const;

function mapBlocks({ maps, seed }: Explained, isNumber: boolean): Block[] {
  const scoreName = isNumber ? say('number') : say('probability');
  return [
    paragraph(isNumber
      ? say('Occlusion sensitivity (Zeiler, Fergus 2014): a patch of the picture\'s mean covers one part after the other; the map tells by how much the number changes.')
      : say('Occlusion sensitivity (Zeiler, Fergus 2014): a patch of the picture\'s mean covers one part after the other; the map tells by how much the probability of the answer falls. Where a cross stands, covering that place changes the decision.')),
    paragraph(say('The maps show what the answers depended on, not whether that is right: a person has to judge whether it is the part or its surroundings. Samples were chosen by the rule in the table with the seed {seed}; the grids are in receipt.json and validation.json.', { seed }), 'muted'),
    table('Explained samples', [column('Sample', 1.8), column('Why this one', 1.15), column('Label', 1.15), column('Answer', 0.85), number(isNumber ? 'number' : 'probability', 1.3), number('Greatest loss', 0.9), column('There: row, column', 1.1), column('Covering changes the decision', 1.15)],
      maps.map((map): Cell[] => {
        const cell = strongestCell(map);
        return [map.sample, say(reasons[map.why]), map.label ?? '', map.predicted, formatNumber(map.score), formatNumber(greatestLoss(map)), cell === null ? say('nowhere') : say('{row}, {column} of {rows}, {columns}', { ...cell, rows: map.losses.length, columns: map.losses[0]?.length ?? 0 }), isNumber ? '' : map.changes.flat().includes(true) ? say('yes') : say('no')];
      })),
    ...maps.map((map): Block => ({ kind: 'drawing', caption: say('{sample}: {why}', { sample: map.sample, why: say(reasons[map.why]) }), drawing: occlusionDrawing(map, scoreName) })),
  ];
}

function importanceBlocks(importance: NonNullable<Explained['importance']>, seed: number): Block[] {
  const { metric, undisturbed, samples, repeats, columns } = importance;
  const gained: Said = metric === 'mae' ? say('mean absolute error gained') : say('accuracy lost');
  return [
    paragraph(say('Permutation importance (Breiman 2001): the values of one column are shuffled among {samples} samples, {repeats} times with the seed {seed}, and the model is run on them. The figure without shuffling is {undisturbed}. Columns that tell the same share their importance: each may look unneeded while the other is there.', { samples, repeats, seed, undisturbed: formatNumber(undisturbed) })),
    { kind: 'drawing', caption: say('Importance of the columns, with one standard deviation'), drawing: importanceDrawing(importance) },
    table('Importance of the columns', [column('Column', 2.4), number(gained, 1.6), number('Standard deviation', 1.5), number('Least', 1), number('Greatest', 1)],
      [...columns].sort((a, b) => b.mean - a.mean).map(({ name, mean, deviation, least, greatest }): Cell[] => [name, formatNumber(mean), deviation === null ? '' : formatNumber(deviation), formatNumber(least), formatNumber(greatest)])),
  ];
}

export const explanationBlocks: Part = ({ explained, data }: ValidationReceipt) => {
  if (explained === null || (explained.maps.length === 0 && explained.importance === null)) return missing('No explanations were made.');
  return [...(explained.maps.length > 0 ? mapBlocks(explained, data.check.task === 'regression') : []), ...(explained.importance === null ? [] : importanceBlocks(explained.importance, explained.seed))];
};
