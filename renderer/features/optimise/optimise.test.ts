import fc from 'fast-check';
import { expect, it } from 'vitest';
import { calibrationMethods, quantizeInputSchema, recipes } from '#shared/contract/optimize';
import { keptOriginal, quantized } from '../../gallery/fixtures/optimise.ts';
import { speedWords } from './CandidateTable.tsx';
import { frontierOf, originalLatencyMs } from './FrontierCard.tsx';
import { firstChoices, quantizeCommand, quantizeInput, type Choices } from './recipeText.ts';

it('draws the candidates by accuracy lost, the original at none', () => {
  const { marks, by } = frontierOf(quantized);
  expect(by).toBe('accuracy');
  expect(marks.map(({ name, y, state }) => [name, y, state])).toEqual([['static INT8 (minmax)', -1.4, 'rejected'], ['static INT8 (mse)', -0.1, 'chosen'], ['dynamic INT8', -0.7, 'rejected'], ['INT4 weights in blocks of 32', -2.6, 'rejected'], ['half precision', -0, 'rejected'], ['Original', 0, 'kept']]);
  expect(marks.at(-1)?.x).toBeCloseTo(41.2, 0);
});
it('draws them by noise where no accuracy was lost, so that they do not all lie on one line', () => {
  const { marks, by } = frontierOf(keptOriginal);
  expect(by).toBe('noise');
  expect(new Set(marks.map(({ y }) => y)).size).toBe(5);
});
it('leaves out candidates that were not measured', () => expect(frontierOf({ inputBytes: 1, candidates: quantized.candidates.map((each) => ({ ...each, latencyMs: null })) }).marks).toEqual([]));
it('takes the middle of what was measured for the original', () => { expect(originalLatencyMs(quantized.candidates)).toBeCloseTo(41.2, 1); expect(originalLatencyMs([])).toBeNull(); });
it('says faster and slower, never a ratio that can be read both ways', () => expect([0.306, 2.4, 1.004, null, 0].map(speedWords)).toEqual(['3.27 × faster', '2.40 × slower', 'as fast', 'not measured', 'not measured']));

const choices: fc.Arbitrary<Choices> = fc.record({ recipe: fc.constantFrom(...recipes), goal: fc.constantFrom('speed', 'size', 'accuracy'), maxDropPercent: fc.double({ min: 0, max: 100, noNaN: true }), calibrationId: fc.option(fc.string({ minLength: 1 })), method: fc.constantFrom(...calibrationMethods), perChannel: fc.boolean(), reduceRange: fc.boolean(), exclude: fc.array(fc.string()), samples: fc.option(fc.integer({ min: 1, max: 1e6 })), budgetS: fc.integer({ min: 5, max: 3600 }) });
it('every choice on the screen is an input that the host takes, and arrives unchanged', () => fc.assert(fc.property(choices, (chosen) => {
  const parsed = quantizeInputSchema.parse(quantizeInput('m-1', chosen));
  expect(parsed).toMatchObject({ model: { id: 'm-1' }, recipe: chosen.recipe, goal: chosen.goal, method: chosen.method, perChannel: chosen.perChannel, reduceRange: chosen.reduceRange && ['auto', 'static-int8', 'dynamic-int8'].includes(chosen.recipe), exclude: chosen.exclude, budgetMs: chosen.budgetS * 1000 });
  expect(parsed.calibration).toEqual(chosen.calibrationId === null ? undefined : { id: chosen.calibrationId });
})));
it('writes the same run as a command, with only what differs from the defaults', () => {
  expect(quantizeCommand('/srv/my models/lid.onnx', null, firstChoices)).toBe("millwright quantize '/srv/my models/lid.onnx' -o '/srv/my models/lid-optimised.onnx' --recipe auto --max-drop 1 --goal speed");
  expect(quantizeCommand('/m.onnx', '/cal', { ...firstChoices, recipe: 'static-int8', method: 'mse', perChannel: false, reduceRange: true, exclude: ['/head'], samples: 200, goal: 'size' })).toBe('millwright quantize /m.onnx -o /m-static-int8.onnx --recipe static-int8 --calibration /cal --method mse --per-tensor --reduce-range --exclude /head --max-drop 1 --goal size --samples 200');
});
