// A model that looks at one known place must light up there and nowhere else; the reference values are a plain computation of the definition by numpy.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { chooseExplained } from './chooseExplained.ts';
import { decidedClasses } from './classProbabilities.ts';
import { grayPicture, pictureAxes, type PictureAxes } from './imageTensor.ts';
import { attribute, channelMeans, occluded, patchCells, planOcclusion } from './occlusion.ts';
import { importanceOf, shuffledOrder } from './permutation.ts';

const axesOf = (dims: readonly number[]): PictureAxes => { const axes = pictureAxes(dims); if (!axes) throw new Error('no picture'); return axes; };
const mapOf = (data: Float64Array, axes: PictureAxes, model: (data: ArrayLike<number>) => number) => {
  const plan = planOcclusion(axes), fill = channelMeans(data, axes), whole = model(data);
  return { plan, ...attribute(plan, plan.patches.map((_, at) => whole - model(occluded(data, axes, plan, at, fill))), plan.patches.map(() => false)) };
};

describe('occlusion', () => {
  it('lights up at the one place that the model looks at, in both layouts', () => {
    for (const dims of [[1, 3, 48, 60], [1, 48, 60, 3]]) {
      const axes = axesOf(dims);
      const at = (row: number, column: number, channel: number) => channel * axes.channelStep + row * axes.rowStep + column * axes.columnStep;
      const data = new Float64Array(3 * 48 * 60);
      for (let row = 20; row < 25; row++) for (let column = 45; column < 50; column++) data[at(row, column, 1)] = 1;
      const model = (values: ArrayLike<number>) => { let sum = 0; for (let row = 20; row < 25; row++) for (let column = 45; column < 50; column++) sum += values[at(row, column, 1)] ?? 0; return sum / 25; };
      const { losses, plan } = mapOf(data, axes, model);
      const most = Math.max(...losses.flat());
      expect([plan.cellPixels, plan.rows, plan.columns]).toEqual([5, 10, 12]);
      expect(losses[4]?.[9]).toBe(most); // rows 20 to 24, columns 45 to 49 are that very cell
      expect(most).toBeCloseTo(1 - 25 / (48 * 60), 6);
      losses.forEach((line, row) => line.forEach((loss, column) => { if (Math.abs(row - 4) >= patchCells || Math.abs(column - 9) >= patchCells) expect(Math.abs(loss)).toBeLessThan(1e-9); }));
    }
  });

  it('agrees with a plain computation of the definition', () => {
    const { cases } = JSON.parse(readFileSync('test/golden/explain/occlusion.json', 'utf8')) as { cases: { dims: number[]; data: number[]; weights: number[]; losses: number[][] }[] };
    expect(cases.length).toBeGreaterThan(2);
    for (const { dims, data, weights, losses } of cases) {
      const model = (values: ArrayLike<number>) => 1 / (1 + Math.exp(-weights.reduce((sum, weight, at) => sum + weight * (values[at] ?? 0), 0)));
      const found = mapOf(Float64Array.from(data), axesOf(dims), model).losses;
      expect(found.length).toBe(losses.length);
      found.forEach((line, row) => line.forEach((loss, column) => expect(loss).toBeCloseTo(losses[row]?.[column] ?? Number.NaN, 10)));
    }
  });

  it('covers each cell by the same number of patches but for the edges of the picture, and marks changed decisions at the middle of the patch', () => {
    const plan = planOcclusion({ height: 28, width: 28 });
    const counts = Array.from({ length: plan.rows }, () => Array.from({ length: plan.columns }, () => 0));
    for (const { row, column } of plan.patches) for (let y = row[0]; y < row[1]; y++) for (let x = column[0]; x < column[1]; x++) { const line = counts[y]; if (line) line[x] = (line[x] ?? 0) + 1; }
    expect(new Set(counts.flat())).toEqual(new Set([patchCells ** 2]));
    const whole = plan.patches.findIndex(({ row, column }) => row[0] === 2 && row[1] === 5 && column[0] === 6 && column[1] === 9);
    const { changes } = attribute(plan, plan.patches.map(() => 0), plan.patches.map((_, at) => at === whole));
    expect(changes.flatMap((line, row) => line.flatMap((is, column) => (is ? [[row, column]] : [])))).toEqual([[3, 7]]);
  });

  it('knows a picture by its axes, and nothing else', () => {
    expect(pictureAxes([1, 1, 28, 28])).toMatchObject({ height: 28, width: 28, channels: 1 });
    expect(pictureAxes([28, 30, 3])).toMatchObject({ height: 28, width: 30, channels: 3, channelStep: 1 });
    for (const dims of [[1, 10], [1, 512, 7, 7], [2, 3, 28, 28], [1, 1, 2, 2], []]) expect(pictureAxes(dims)).toBeNull();
    expect([...grayPicture([0, 1, 0.5, Number.NaN], { height: 2, width: 2, channels: 1, rowStep: 2, columnStep: 1, channelStep: 4 })]).toEqual([0, 255, 128, 0]);
  });
});

describe('probabilities', () => {
  const row = (data: number[]) => ({ scores: { type: 'float32' as const, dims: [1, data.length], data: Float32Array.from(data) } });
  it('takes distributions as they are, and logits through softmax without overflow', () => {
    expect(decidedClasses(row([0.25, 0.75]), 1)).toEqual([{ index: 1, probabilities: [0.25, 0.75] }]);
    const [large] = decidedClasses(row([1000, 1001]), 1) ?? [];
    expect(large?.probabilities[1]).toBeCloseTo(1 / (1 + Math.exp(-1)), 6);
    expect(decidedClasses(row([0.75]), 1)).toEqual([{ index: 1, probabilities: [0.25, 0.75] }]);
    expect(decidedClasses({ label: { type: 'string', dims: [1], data: ['a'] } }, 1)).toBeNull();
  });
});

describe('permutation', () => {
  it('shuffles every sample once, alike for the same seed', () => {
    const order = shuffledOrder(100, 1, 2, 3);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, at) => at));
    expect(shuffledOrder(100, 1, 2, 3)).toEqual(order);
    for (const other of [shuffledOrder(100, 2, 2, 3), shuffledOrder(100, 1, 3, 3), shuffledOrder(100, 1, 2, 4)]) expect(other).not.toEqual(order);
  });

  it('finds the importance that scikit-learn finds, within the spread of its shuffles, and none for a column that is not used', () => {
    const { rows, target, coefficients, columns } = JSON.parse(readFileSync('test/golden/explain/permutation.json', 'utf8')) as { rows: number[][]; target: number[]; coefficients: number[]; columns: { mean: number; deviation: number }[] };
    const error = (of: readonly (readonly number[])[]) => of.reduce((sum, row, at) => sum + Math.abs(row.reduce((total, value, column) => total + value * (coefficients[column] ?? 0), 0) - (target[at] ?? 0)), 0) / of.length;
    columns.forEach(({ mean, deviation }, column) => {
      const found = importanceOf(Array.from({ length: 50 }, (_, repeat) => { const order = shuffledOrder(rows.length, 7, column, repeat); return error(rows.map((row, at) => row.map((value, place) => (place === column ? rows[order[at] ?? 0]?.[place] ?? 0 : value)))) - error(rows); }));
      expect(Math.abs(found.mean - mean)).toBeLessThanOrEqual(4 * deviation * Math.sqrt(2 / 50) + 1e-12);
      if (coefficients[column] === 0) expect(found).toMatchObject({ mean: 0, deviation: 0 });
      else expect((found.deviation ?? 0) / deviation).toBeGreaterThan(0.5);
    });
  });
});

describe('choice of samples', () => {
  it('takes wrong ones, the closest calls and others, at most twelve, alike for the same seed', () => {
    const judged = Array.from({ length: 200 }, (_, index) => ({ index, wrong: index % 10 === 0, score: 0.5 + ((index * 37) % 100) / 200 }));
    const chosen = chooseExplained(judged, 1);
    expect(chosen).toEqual(chooseExplained(judged, 1));
    expect(chosen).not.toEqual(chooseExplained(judged, 2));
    expect(['wrong', 'close call', 'drawn'].map((why) => chosen.filter((one) => one.why === why).length)).toEqual([6, 3, 3]);
    expect(chosen.filter(({ why }) => why === 'wrong').every(({ index }) => index % 10 === 0)).toBe(true);
    expect(new Set(chosen.map(({ index }) => index)).size).toBe(12);
    expect(chooseExplained([], 1)).toEqual([]);
  });
});
