// The choices of an optimisation: their words, how they are kept in the URL, and the same run as a command.
import { calibrationMethods, integerRecipes, recipes, type QuantizeInput, type QuantizeOutput } from '#shared/contract/optimize';
import type { InputOf } from '#shared/contract/index';
import { shellWord } from '../../ui/format.ts';

export type Recipe = (typeof recipes)[number];
export type Method = (typeof calibrationMethods)[number];
export type Goal = 'speed' | 'size' | 'accuracy';

export const recipeWords: Readonly<Record<Recipe, string>> = { auto: 'Measure and choose', 'static-int8': 'INT8, calibrated', 'dynamic-int8': 'INT8, dynamic', 'int8-weights': 'INT8 weights', 'int4-weights': 'INT4 weights', fp16: 'FP16' };
export const recipeHelp: Readonly<Record<Recipe, string>> = {
  auto: 'Tries the candidates, measures each against the original on this machine, and keeps the original when none is better.', 'static-int8': 'Weights and activations in 8 bits, ranges from the calibration set. The usual choice for cameras.',
  'dynamic-int8': 'Ranges are found while it runs; needs no data. Good for transformers and small dense nets, often slower for convolutions.', 'int8-weights': 'Weights in 8 bits, arithmetic in float: a quarter of the file at the original\'s speed. Needs no data.', 'int4-weights': 'Weights in 4 bits, arithmetic in float. Smallest file; calibration data lowers its error.', fp16: 'Half precision. Faster on GPUs, seldom on processors.',
};
export const methodWords: Readonly<Record<Method, string>> = { minmax: 'Least and greatest', entropy: 'Entropy', percentile: 'Percentile', mse: 'Least squared error' };
export const goalWords: Readonly<Record<Goal, string>> = { speed: 'Speed', size: 'Size', accuracy: 'Accuracy' };

export interface Choices { readonly recipe: Recipe; readonly goal: Goal; readonly maxDropPercent: number; readonly calibrationId: string | null; readonly method: Method; readonly perChannel: boolean; readonly reduceRange: boolean; readonly exclude: readonly string[]; readonly blame: boolean; readonly samples: number | null; readonly budgetS: number }
export const firstChoices: Choices = { recipe: 'auto', goal: 'speed', maxDropPercent: 1, calibrationId: null, method: 'minmax', perChannel: true, reduceRange: false, exclude: [], blame: false, samples: null, budgetS: 120 };

/** The reduced range, where the recipe has integers to reduce. */
export const reducesRange = ({ recipe, reduceRange }: Pick<Choices, 'recipe' | 'reduceRange'>): boolean => reduceRange && integerRecipes.includes(recipe);

export const quantizeInput = (modelId: string, choices: Choices): InputOf<'models.quantize'> => ({
  model: { id: modelId }, recipe: choices.recipe, goal: choices.goal, maxDropPercent: choices.maxDropPercent, method: choices.method, perChannel: choices.perChannel, exclude: [...choices.exclude], budgetMs: choices.budgetS * 1000,
  ...(reducesRange(choices) ? { reduceRange: true } : {}), ...(choices.blame ? { blame: true } : {}), ...(choices.calibrationId ? { calibration: { id: choices.calibrationId } } : {}), ...(choices.samples ? { samples: choices.samples } : {}),
});

/** What a run was started with, as choices: the screen goes on from them. What the input does not name stays as it is. */
export function choicesOf({ recipe, goal, maxDropPercent, calibration, method, perChannel, reduceRange, exclude, blame, samples, budgetMs }: Partial<QuantizeInput>): Partial<Choices> {
  return {
    ...(recipe ? { recipe } : {}), ...(goal ? { goal } : {}), ...(maxDropPercent === undefined ? {} : { maxDropPercent }), ...(method ? { method } : {}), ...(perChannel === undefined ? {} : { perChannel }), ...(reduceRange === undefined ? {} : { reduceRange }),
    ...(exclude ? { exclude } : {}), ...(budgetMs === undefined ? {} : { budgetS: Math.round(budgetMs / 1000) }),
    blame: blame ?? false, samples: samples ?? null, calibrationId: calibration && 'id' in calibration ? calibration.id : null,
  };
}

const isRecipe = (word: string): word is Recipe => recipes.some((recipe) => recipe === word);
/** The recipe that makes a result of the same kind again: of a measured choice the one that won, whose figures are on the screen. Mixed precision has no recipe of its own: it is found by measuring. */
export const recipeAgain = (asked: Recipe, { recipe, keptOriginal }: Pick<QuantizeOutput, 'recipe' | 'keptOriginal'>): Recipe => (asked === 'auto' && !keptOriginal && isRecipe(recipe) ? recipe : asked);

/** The shown run once more, with other layers in float; also with what it was given that the screen has no field for, where the recipe stays. */
export function inputAgain(modelId: string, ran: Partial<QuantizeInput>, output: Pick<QuantizeOutput, 'recipe' | 'keptOriginal'>, exclude: readonly string[]): InputOf<'models.quantize'> {
  const choices: Choices = { ...firstChoices, ...choicesOf(ran) };
  const recipe = recipeAgain(choices.recipe, output);
  const { outputPath: _path, force: _force, reduceRange: _range, ...same }: Partial<QuantizeInput> = recipe === choices.recipe ? ran : {};
  return { ...same, ...(ran.calibration ? { calibration: ran.calibration } : {}), ...quantizeInput(modelId, { ...choices, recipe, exclude }) };
}

/** The same run on the command line; only what differs from the defaults. */
export function quantizeCommand(modelPath: string, calibrationPath: string | null, choices: Choices): string {
  const out = modelPath.replace(/\.onnx$/i, '') + `-${choices.recipe === 'auto' ? 'optimised' : choices.recipe}.onnx`;
  return ['millwright quantize', shellWord(modelPath), '-o', shellWord(out), '--recipe', choices.recipe,
    ...(calibrationPath ? ['--calibration', shellWord(calibrationPath)] : []), ...(choices.method === 'minmax' ? [] : ['--method', choices.method]), ...(choices.perChannel ? [] : ['--per-tensor']), ...(reducesRange(choices) ? ['--reduce-range'] : []),
    ...(choices.exclude.length > 0 ? ['--exclude', ...choices.exclude.map(shellWord)] : []), ...(choices.blame ? ['--blame'] : []), '--max-drop', String(choices.maxDropPercent), '--goal', choices.goal, ...(choices.samples ? ['--samples', String(choices.samples)] : [])].join(' ');
}
