// millwright compare
import type { Command } from 'commander';
import type { CliContext } from '../CliContext.ts';
import { parseCount } from '../parseCount.ts';

export function registerCompare(program: Command, cli: CliContext): void {
  program.command('compare <a> <b>').description('run two models on the same data: changed decisions, signal-to-noise ratio, accuracy')
    .requiredOption('--data <data>', 'samples, with labels for the accuracy').option('--samples <n>', 'at most so many', parseCount)
    .addHelpText('after', '\nExample:\n  millwright compare original.onnx int8.onnx --data ./test-set')
    .action(cli.action(async (a: string, b: string, { data, samples }: { data: string; samples?: number }) => {
      const output = await cli.runJob('models.compare', { a: cli.model(a), b: cli.model(b), data: cli.data(data), ...(samples === undefined ? {} : { samples }) });
      cli.result(output, () => [
        `${output.samples} samples, ${output.flips.length} decisions changed`,
        output.bitExact ? 'The outputs are identical, bit for bit.' : `SQNR ${output.sqnrDb === null ? 'infinite' : `${output.sqnrDb.toFixed(2)} dB`}, cosine ${output.cosine.toFixed(6)}, largest difference ${output.maxAbsError.toPrecision(4)}`,
        ...(output.accuracy ? [`Accuracy ${(output.accuracy.a * 100).toFixed(2)} % before, ${(output.accuracy.b * 100).toFixed(2)} % after`] : []),
        ...(output.flips.length > 0 ? [cli.table(['SAMPLE', 'LABEL', 'BEFORE', 'AFTER', 'MARGIN'], output.flips.slice(0, 100).map(({ sample, label, before, after, margin }) => [sample, label ?? '', before, after, margin.toPrecision(3)]))] : []),
        ...(output.flips.length > 100 ? [`and ${output.flips.length - 100} more; --json lists all`] : []),
        ...(output.remarks ?? []),
      ].join('\n'));
    }));
}
