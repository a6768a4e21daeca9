// The flags that say how the runtime is set, the same for `bench` and `validate`.
import { InvalidArgumentError, Option, type Command } from 'commander';
import { executionModes, optimizationLevels, type RuntimeWish } from '#shared/contract/runtimeOptions';

export interface RuntimeFlags { readonly interOpThreads?: number; readonly executionMode?: RuntimeWish['executionMode']; readonly graphOptimization?: RuntimeWish['optimization'] }

/** A whole number of threads; 0 leaves it to the runtime. */
export function threadCount(text: string): number {
  const count = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isInteger(count) || count < 0 || count > 256) throw new InvalidArgumentError('Give a whole number from 0 to 256; 0 lets the runtime choose.');
  return count;
}

export const withRuntimeFlags = (command: Command): Command => command
  .option('--inter-op-threads <n>', 'threads between operators (1)', threadCount)
  .addOption(new Option('--execution-mode <mode>', 'whether operators run one after the other').choices(executionModes))
  .addOption(new Option('--graph-optimization <level>', 'of the graph, before the first run').choices(optimizationLevels));

/** Only what was given. */
export const runtimeWishOf = ({ interOpThreads, executionMode, graphOptimization }: RuntimeFlags): RuntimeWish => ({
  ...(interOpThreads === undefined ? {} : { interOpThreads }), ...(executionMode === undefined ? {} : { executionMode }), ...(graphOptimization === undefined ? {} : { optimization: graphOptimization }),
});
