// What is taken from the outputs of a classifier beside its decision.
import { expect, it } from 'vitest';
import type { TensorValue } from '#shared/tensor';
import { answersOf } from './answers.ts';

const floats = (rows: readonly (readonly number[])[]): TensorValue => ({ type: 'float32', dims: [rows.length, rows[0]?.length ?? 0], data: Float32Array.from(rows.flat()) });
const options = { task: 'classification' as const, classes: ['good', 'bad'], fromModel: true, keepScores: true };

it('one sigmoid output is the probability of the second class, and the score that of the class decided for', () => {
  const [sure, unsure] = answersOf({ p: floats([[0.75], [0.25]]) }, 2, options);
  expect(sure).toEqual({ predicted: 'bad', score: 0.75, scores: [0.25, 0.75] });
  expect(unsure).toEqual({ predicted: 'good', score: 0.75, scores: [0.75, 0.25] });
  expect(answersOf({ p: floats([[-3]]) }, 1, options)).toEqual([{ predicted: 'good', score: -3 }]); // a logit alone has no partner
});

it('scores of all classes are kept where they are asked for, and tell apart what float32 tells apart', () => {
  const near = [0.1, Math.fround(0.1) + 2 ** -27];
  expect(answersOf({ p: floats([near]) }, 1, { ...options, keepScores: false })[0]).not.toHaveProperty('scores');
  const [{ scores = [] } = {}] = answersOf({ p: floats([near]) }, 1, options);
  expect(scores.map(Math.fround)).toEqual([...Float32Array.from(near)]);
  expect(scores[0]).not.toBe(scores[1]);
});

it('columns in another order than the classes are not taken for them', () => {
  const labelled = (label: string) => ({ label: { type: 'string' as const, dims: [1], data: [label] }, probabilities: floats([[0.9, 0.1]]) });
  expect(answersOf(labelled('good'), 1, options)[0]?.scores).toHaveLength(2);
  expect(answersOf(labelled('bad'), 1, options)[0]?.scores).toBeUndefined();
});
