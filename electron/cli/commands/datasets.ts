// millwright data check | seal | plan
import type { Command } from 'commander';
import type { Stated } from '#shared/contract/datasets';
import { AppError } from '#shared/errors';
import type { CliContext } from '../CliContext.ts';
import { parseCount, parseWhole } from '../parseCount.ts';
import { parseShare } from '../parseShare.ts';

function statedLines({ collected, labelling, exclusions }: Stated = {}): string[] {
  return [
    ...(collected ? [`Collected ${collected.from} to ${collected.to}`] : []),
    ...(labelling ? [`Labelled by ${labelling.who}: ${labelling.how}${labelling.agreement === undefined ? '' : ` (agreement: ${labelling.agreement})`}`] : []),
    ...(exclusions ?? []).map(({ what, why }) => `Left out: ${what}: ${why}`),
  ];
}

export function registerDatasets(program: Command, cli: CliContext): void {
  const data = program.command('data').description('data sets: check and seal them, plan their size')
    .addHelpText('after', '\nDATA is a folder of class folders with images, a folder or .npz of arrays, a CSV, Parquet or JSON Lines file, or a dataset.yaml.\nExamples:\n  millwright data check ./test-set\n  millwright data check parts.csv --schema dataset.yaml --json\n  millwright data seal ./test-set');
  data.command('check <data>').description('look at every sample and list what is wrong; exit 1 on an error').option('--schema <file>', 'a dataset.yaml kept elsewhere')
    .action(cli.action(async (path: string, { schema }: { schema?: string }) => {
      const check = await cli.call('datasets.check', { data: cli.data(path, schema) }, { signal: cli.signal });
      const bad = check.findings.some((finding) => finding.severity === 'error');
      cli.result({ ...check, classes: check.classes }, () => [
        `${cli.style.bold(String(check.samples))} samples, ${check.layout}, ${check.labelled ? check.task : 'without labels'}`,
        ...(check.classes.length > 0 ? [cli.table(['CLASS', check.labelKind === 'boxes' ? 'BOXES' : check.labelKind === 'mask' ? 'IMAGES' : 'SAMPLES'], check.classes.slice(0, 50).map(({ name, count }) => [name, count])), ...(check.classes.length > 50 ? [`… and ${check.classes.length - 50} more classes`] : [])] : []),
        ...(check.columns.length > 0 ? [cli.table(['COLUMN', 'TYPE', 'MISSING', 'MIN', 'MAX'], check.columns.slice(0, 50).map(({ name, type, missing, min, max }) => [name, type, missing, min ?? '', max ?? '']))] : []),
        ...statedLines(check.stated),
        ...(check.findings.length === 0 ? ['No findings.'] : check.findings.map(({ severity, place, message, remedy }) => `${severity}: ${place}: ${message}${remedy === undefined ? '' : ` ${remedy}`}`)),
      ].join('\n'), bad ? 1 : 0);
    }));
  data.command('plan').description('how many samples prove a rate of escapes or false rejects, and what rate samples prove; exit 1 where the samples do not prove the rate')
    .option('--max-rate <share>', 'the rate that is to be proven, such as 0.005 or 0.5%', parseShare).option('--samples <n>', 'samples that there are', parseCount)
    .option('--failures <n>', 'of them, those that failed or may fail; 0 without it', parseWhole, 0).option('--confidence <share>', '0.95 without it', parseShare, 0.95)
    .addHelpText('after', '\nExamples:\n  millwright data plan --max-rate 0.5%\n  millwright data plan --samples 598 --failures 1\n  millwright data plan --max-rate 0.005 --samples 400 --json')
    .action(cli.action(async ({ maxRate, samples, failures, confidence }: { maxRate?: number; samples?: number; failures: number; confidence: number }) => {
      if (confidence <= 0.5) throw new AppError('BAD_USAGE', `A confidence of ${confidence} proves nothing.`, { hint: 'Give one above 0.5, such as 0.95.' });
      const plan = await cli.call('datasets.plan', { failures, confidence, ...(maxRate === undefined ? {} : { maxRate }), ...(samples === undefined ? {} : { samples }) }, { signal: cli.signal });
      const lacks = maxRate !== undefined && samples !== undefined && (plan.provenRate === null || plan.provenRate > maxRate);
      cli.result(plan, () => plan.sentence, lacks ? 1 : 0);
    }));
  data.command('seal <data>').description('fix the data set by the hash of its manifest; later changes are found').option('--schema <file>', 'a dataset.yaml kept elsewhere')
    .action(cli.action(async (path: string, { schema }: { schema?: string }) => {
      const seal = await cli.runJob('datasets.seal', { data: cli.data(path, schema) });
      cli.result(seal, () => `Sealed ${seal.samples} samples on ${seal.sealedAt}\nmanifest SHA-256  ${seal.manifestSha256}`);
    }));
}
