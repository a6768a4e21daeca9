import fc from 'fast-check';
import { expect, it } from 'vitest';
import { calibrationMethods, quantizeInputSchema, recipes } from '#shared/contract/optimize';
import { keptOriginal, quantized } from '../../gallery/fixtures/optimise.ts';
import { speedWords } from './CandidateTable.tsx';
import { frontierOf, originalLatencyMs } from './FrontierCard.tsx';
import { choicesOf, firstChoices, inputAgain, quantizeCommand, quantizeInput, type Choices } from './recipeText.ts';

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

const choices: fc.Arbitrary<Choices> = fc.record({ recipe: fc.constantFrom(...recipes), goal: fc.constantFrom('speed', 'size', 'accuracy'), maxDropPercent: fc.double({ min: 0, max: 100, noNaN: true }), calibrationId: fc.option(fc.string({ minLength: 1 })), method: fc.constantFrom(...calibrationMethods), perChannel: fc.boolean(), reduceRange: fc.boolean(), exclude: fc.array(fc.string()), blame: fc.boolean(), samples: fc.option(fc.integer({ min: 1, max: 1e6 })), budgetS: fc.integer({ min: 5, max: 3600 }) });
it('every choice on the screen is an input that the host takes, and arrives unchanged', () => fc.assert(fc.property(choices, (chosen) => {
  const parsed = quantizeInputSchema.parse(quantizeInput('m-1', chosen));
  expect(parsed).toMatchObject({ model: { id: 'm-1' }, recipe: chosen.recipe, goal: chosen.goal, method: chosen.method, perChannel: chosen.perChannel, reduceRange: chosen.reduceRange && ['auto', 'static-int8', 'dynamic-int8'].includes(chosen.recipe), exclude: chosen.exclude, budgetMs: chosen.budgetS * 1000, ...(chosen.blame ? { blame: true } : {}) });
  expect(parsed.calibration).toEqual(chosen.calibrationId === null ? undefined : { id: chosen.calibrationId });
})));
it('the screen goes on from what a run was started with, whatever that was', () => fc.assert(fc.property(choices, (chosen) => {
  const again = choicesOf(quantizeInputSchema.parse(quantizeInput('m-1', chosen)));
  expect({ ...firstChoices, ...again }).toEqual({ ...chosen, reduceRange: chosen.reduceRange && ['auto', 'static-int8', 'dynamic-int8'].includes(chosen.recipe) });
})));
it('runs what is shown once more with other layers in float: its own settings, after a measured choice with the recipe that won', () => {
  const ran = quantizeInputSchema.parse({ ...quantizeInput('m-1', { ...firstChoices, recipe: 'dynamic-int8', goal: 'size', maxDropPercent: 3, calibrationId: 'd-1', method: 'mse', exclude: ['conv5'] }), activations: 's8', outputPath: '/x.onnx', force: true });
  const again = inputAgain('m-1', ran, { recipe: 'dynamic-int8', keptOriginal: false }, ['conv3', 'conv5']);
  expect(again).toMatchObject({ recipe: 'dynamic-int8', goal: 'size', maxDropPercent: 3, method: 'mse', calibration: { id: 'd-1' }, activations: 's8', exclude: ['conv3', 'conv5'] });
  expect(again).not.toHaveProperty('outputPath');
  const auto = quantizeInputSchema.parse(quantizeInput('m-1', firstChoices));
  const after = (recipe: string, keptOriginal = false) => inputAgain('m-1', auto, { recipe, keptOriginal }, []).recipe;
  expect([after('static-int8'), after('int4-weights'), after('fp16'), after('mixed-int8'), after('original', true)]).toEqual(['static-int8', 'int4-weights', 'fp16', 'auto', 'auto']);
});
it('writes the same run as a command, with only what differs from the defaults', () => {
  expect(quantizeCommand('/srv/my models/lid.onnx', null, firstChoices)).toBe("millwright quantize '/srv/my models/lid.onnx' -o '/srv/my models/lid-optimised.onnx' --recipe auto --max-drop 1 --goal speed");
  expect(quantizeCommand('/m.onnx', '/cal', { ...firstChoices, recipe: 'static-int8', method: 'mse', perChannel: false, reduceRange: true, exclude: ['/head'], blame: true, samples: 200, goal: 'size' })).toBe('millwright quantize /m.onnx -o /m-static-int8.onnx --recipe static-int8 --calibration /cal --method mse --per-tensor --reduce-range --exclude /head --blame --max-drop 1 --goal size --samples 200');
});
