// millwright validate, and limits check | lock
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { Option, type Command } from 'commander';
import { reportLanguages, reportPapers, reportTemplates, type LimitResult, type ReportLanguage, type ReportPaper, type ReportTemplate, type ValidationOutput } from '#shared/contract/validation';
import { describeRuntime } from '#shared/contract/runtimeOptions';
import { sayTakt } from '#shared/taktSentence';
import { AppError } from '#shared/errors';
import { translateFileError } from '#services/files/translateFileError';
import { reasonOption, type ReasonOption } from '../reasonOption.ts';
import { thresholdOf } from '../thresholdOf.ts';
import { runtimeWishOf, threadCount, withRuntimeFlags, type RuntimeFlags } from '../runtimeFlags.ts';
import type { CliContext } from '../CliContext.ts';
import { exitOfJob } from '../exitOfJob.ts';
import { registerCostDial } from './costDial.ts';

const number = (value: number): string => (Number.isInteger(value) ? String(value) : Number(value.toPrecision(5)).toString());

function resultRows(limits: readonly LimitResult[], cli: CliContext): string {
  const colour = { PASS: cli.style.green, FAIL: cli.style.red, 'NOT MEASURED': cli.style.yellow };
  return cli.table(['LIMIT', 'METRIC', 'REQUIRED', 'VALUE', 'INTERVAL', 'VERDICT'], limits.map(({ id, metric, limit, value, interval, verdict }) =>
    [id, metric, limit, value === null ? '' : number(value), interval ? `${number(interval.low)} to ${number(interval.high)}` : '', colour[verdict](verdict)]));
}

function human(output: ValidationOutput, cli: CliContext): string {
  const { verdict, limits, accuracy, regression, compare, report } = output;
  const open = limits.filter((result) => result.verdict !== 'PASS');
  return [
    cli.style.bold(`${verdict}${output.exploratory ? ' (exploratory: the limits were not locked before the run)' : ''}, attempt ${output.attempt}`),
    ...(accuracy ? [`accuracy ${number(accuracy.accuracy * 100)} % (${accuracy.correct} of ${accuracy.samples}; ${number(accuracy.interval.low * 100)} to ${number(accuracy.interval.high * 100)} % at ${accuracy.interval.confidence * 100} %)`] : []),
    ...(regression ? [`mean absolute error ${number(regression.mae)}, RMSE ${number(regression.rmse)} over ${regression.samples} samples`] : []),
    ...(compare ? [`${compare.flips.length} of ${compare.samples} decisions differ from the reference`] : []),
    ...(output.runtime ? [`session options  ${describeRuntime(output.runtime)}`, ...(output.runtime.note === null ? [] : [output.runtime.note])] : []),
    ...(output.bench?.taktVerdict ? [sayTakt(output.bench.taktVerdict)] : []),
    ...(limits.length > 0 ? [resultRows(limits, cli)] : []),
    ...open.map((result) => `${result.id}: ${result.reason}`),
    ...(report ? [`evidence  ${report.zip}`] : []),
  ].join('\n');
}

/** Undefined where the option was not given. */
function wholeNumber(option: string, text: string | undefined, min: number, max = Number.MAX_SAFE_INTEGER): number | undefined {
  if (text === undefined) return undefined;
  const value = text.trim() === '' ? NaN : Number(text);
  if (!Number.isInteger(value) || value < min || value > max) throw new AppError('BAD_USAGE', `${option} is "${text}", but it must be a whole number ${max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`}.`);
  return value;
}

export function registerValidation(program: Command, cli: CliContext): void {
  const validate = withRuntimeFlags(program.command('validate <file>').description('judge a model on data against limits and write signed evidence; exit 1 when a limit fails')
    .option('--data <data>', 'test data: folder, .npz, CSV, Parquet, JSON Lines or dataset.yaml; needed')
    .option('--reference <file>', 'the original model to compare with')
    .option('--limits <file>', 'limits.yaml; without it nothing is judged')
    .option('-o, --output <dir>', 'where the report goes; without it into the data folder of Millwright')
    .option('--schema <file>', 'a dataset.yaml kept elsewhere').option('--samples <n>', 'use so many samples, spread evenly')
    .addOption(new Option('--template <template>', 'what the report prints').choices(reportTemplates).default('full')).addOption(new Option('--language <language>', 'language of the report').choices(reportLanguages).default('en')).addOption(new Option('--paper <size>', 'paper of the PDF').choices(reportPapers).default('a4'))
    .option('--soak <s>', 'run the model so long, and look for drift with temperature and clock')
    .option('--repeat-runs <n>', 'run the repeated samples so often in each process (3)').option('--repeat-restarts <n>', 'and in so many fresh processes more (1)')
    .option('--provider <name>', 'execution provider; as the station serves, else cpu').option('--threads <n>', 'threads within an operator; as the station serves, else all that may be used', threadCount).option('--batch <n>', 'run so many samples in one execution (1)')
    .option('--threshold <score>', 'decide from this score on; as the station has it, else the largest score').option('--positive <class>', 'the class that the threshold is on')
    .addOption(reasonOption())
    .option('--station <name>', 'the station that the report names').option('--no-robustness', 'leave out the runs on disturbed samples')
    .option('--explain', 'show what decisions depend on, however long it takes; without it only where it takes up to half a minute').option('--no-explain', 'leave that out').option('--force', 'replace an earlier report'))
    .addHelpText('after', '\nLimits that were not locked before make the run exploratory: lock them with `millwright limits lock limits.yaml`.\nExample:\n  millwright validate model-int8.onnx --reference model.onnx --data ./test-set --limits limits.yaml -o ./report')
    .action(cli.action(async (file: string, options: RuntimeFlags & ReasonOption & { data?: string; reference?: string; limits?: string; output?: string; schema?: string; samples?: string; station?: string; robustness: boolean; explain?: boolean; force?: boolean; soak?: string; repeatRuns?: string; repeatRestarts?: string; template: ReportTemplate; language: ReportLanguage; paper: ReportPaper; provider?: string; threads?: number; batch?: string; threshold?: string; positive?: string }) => {
      // Not by commander: the commands below `validate` would need it too.
      if (options.data === undefined) throw new AppError('BAD_USAGE', "required option '--data <data>' not specified.");
      const samples = wholeNumber('--samples', options.samples, 1);
      const runs = wholeNumber('--repeat-runs', options.repeatRuns, 1, 1000), restarts = wholeNumber('--repeat-restarts', options.repeatRestarts, 0, 100);
      const batch = wholeNumber('--batch', options.batch, 1, 4096);
      const runtime = { ...runtimeWishOf(options), ...(options.provider === undefined ? {} : { provider: options.provider }), ...(options.threads === undefined ? {} : { threads: options.threads }), ...(batch === undefined ? {} : { batch }) };
      const soakS = options.soak === undefined ? undefined : Number(options.soak);
      if (soakS !== undefined && !(soakS >= 0 && soakS <= 86_400)) throw new AppError('BAD_USAGE', `--soak is "${options.soak ?? ''}", but it must be seconds from 0 to 86400.`);
      const output = await cli.runJob('validation.run', {
        ...(soakS === undefined ? {} : { soakS }), model: cli.model(file), data: cli.data(options.data, options.schema), force: options.force === true, robustness: options.robustness, ...(options.explain === undefined ? {} : { explain: options.explain }), template: options.template, language: options.language, paper: options.paper, ...(options.reason === undefined ? {} : { reason: options.reason }), ...(Object.keys(runtime).length === 0 ? {} : { runtime }), ...(options.threshold === undefined ? {} : { threshold: thresholdOf(options.threshold, options.positive) }),
        ...(runs === undefined && restarts === undefined ? {} : { repeat: { runs, restarts } }),
        ...(options.reference === undefined ? {} : { reference: cli.model(options.reference) }),
        ...(options.limits === undefined ? {} : { limitsPath: cli.path(options.limits) }),
        ...(options.output === undefined ? {} : { outputDir: cli.path(options.output) }),
        ...(samples === undefined ? {} : { samples }), ...(options.station === undefined ? {} : { station: options.station }),
      });
      cli.result(output, () => human(output, cli), exitOfJob('validation.run', output));
    }));
  registerCostDial(validate, cli);
  const limits = program.command('limits').description('limits files: check and lock them')
    .addHelpText('after', '\nExamples:\n  millwright limits check limits.yaml\n  millwright limits lock limits.yaml');
  limits.command('check <file>').description('say which line and key of a limits file is wrong')
    .action(cli.action(async (file: string) => {
      const text = await readFile(cli.path(file), 'utf8').catch((error: unknown) => { throw translateFileError(error, cli.path(file), 'read'); });
      const checked = await cli.call('validation.checkLimits', { text, fileName: basename(file) });
      cli.result(checked, () => `${checked.limits.length} limits: ${checked.limits.map(({ id }) => id).join(', ')}`);
    }));
  limits.command('lock <file>').description('fix the limits with their time and hash, before the first run')
    .action(cli.action(async (file: string) => {
      const locked = await cli.call('validation.lockLimits', { path: cli.path(file) });
      cli.result(locked, () => `Locked ${locked.limits.length} limits on ${locked.lockedAt}\nSHA-256  ${locked.sha256}`);
    }));
}
