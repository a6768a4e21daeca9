// millwright commission: the whole main job · millwright station list | show | create | sample | remove
import { join } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { CommissionOutput } from '#shared/contract/stations';
import { reportLanguages, reportPapers, reportTemplates, type ReportLanguage, type ReportPaper, type ReportTemplate } from '#shared/contract/validation';
import { AppError } from '#shared/errors';
import type { CliContext } from '../CliContext.ts';
import { exitOfJob } from '../exitOfJob.ts';
import { reasonOption, type ReasonOption } from '../reasonOption.ts';
import { findStation } from '../findStation.ts';
import { thresholdOf } from '../thresholdOf.ts';
import { registerAccess } from './access.ts';
import { registerRecorder } from './recorder.ts';
import { registerServing, servingText } from './serving.ts';
import { registerStationStale } from './staleness.ts';

interface CommissionOptions { data?: string; schema?: string; calibration?: string; limits?: string; station?: string; output?: string; force?: boolean; maxDrop?: number; template: ReportTemplate; language: ReportLanguage; paper: ReportPaper }

function parsePercent(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 100)) throw new InvalidArgumentError('A percentage is a number from 0 to 100.');
  return value;
}
function parseTakt(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('The takt is a number of milliseconds above 0.');
  return value;
}

/** Without -o each run gets a folder of its own below ./out, so that nothing is overwritten. */
const defaultOutput = (now: Date) => join('out', now.toISOString().replace(/[-:]/g, '').replace(/\.\d+Z$/, 'Z'));

const figure = (value: number | null) => (value === null ? '' : String(Number(value.toPrecision(5))));

export function commissionText(output: CommissionOutput, cli: Pick<CliContext, 'table' | 'style'>): string {
  const { style } = cli;
  const paint = (verdict: string) => (verdict === 'PASS' || verdict === 'done' ? style.green(verdict) : verdict === 'FAIL' || verdict === 'failed' ? style.red(verdict) : style.yellow(verdict));
  const passed = output.verdict === 'PASS' || output.verdict === 'PASS WITH DEVIATIONS';
  return [
    style.bold(`Station ${output.station}`), '',
    cli.table(['STEP', 'STATUS', 'SECONDS', 'RESULT'], output.steps.map(({ step, status, durationMs, summary }) => [step, paint(status), (durationMs / 1000).toFixed(1), summary])), '',
    cli.table(['LIMIT', 'METRIC', 'ALLOWED', 'MEASURED', 'INTERVAL', 'VERDICT'], output.limits.map(({ id, metric, limit, value, interval, verdict }) =>
      [id, metric, limit, figure(value), interval ? `${figure(interval.low)} … ${figure(interval.high)}` : '', paint(verdict)])), '',
    `Verdict   ${style.bold(passed ? style.green(output.verdict) : style.red(output.verdict))}`,
    `Evidence  ${output.evidence.zip}`,
    `Report    ${output.evidence.pdf}`,
  ].join('\n');
}

function registerCommission(program: Command, cli: CliContext): void {
  program.command('commission [file]').description('the whole main job: machine, import, seal, quantize, compare, validate, benchmark, signed evidence')
    .option('--data <data>', 'test data with labels (folder, .npz, CSV … or dataset.yaml)')
    .option('--schema <file>', 'dataset.yaml that describes the data')
    .option('--calibration <data>', 'calibration data; without it only recipes that need none are tried')
    .option('--limits <file>', 'limits.yaml; without it default limits are locked')
    .option('--station <name>', 'name of the station; a known one gives what is not named here')
    .option('-o, --output <dir>', 'folder for report and evidence (default: a new one below ./out)')
    .option('--max-drop <percent>', 'largest accuracy loss of the optimised model, in percentage points', parsePercent, 1)
    .addOption(new Option('--template <template>', 'what the report prints').choices(reportTemplates).default('full')).addOption(new Option('--language <language>', 'language of the report').choices(reportLanguages).default('en')).addOption(new Option('--paper <size>', 'paper of the PDF').choices(reportPapers).default('a4'))
    .option('--force', 'replace files in the output folder')
    .addHelpText('after', `
Without a file the bundled sample station is commissioned. Ends with exit code 0 when the verdict is PASS, else 1.

Examples:
  $ millwright commission
  $ millwright commission model.onnx --data test/ --calibration calibration/ --limits limits.yaml --station "Line 1" -o evidence/`)
    .action(cli.action(async (file: string | undefined, options: CommissionOptions) => {
      if (file !== undefined && options.data === undefined && options.station === undefined) throw new AppError('BAD_USAGE', 'A model needs test data.', { hint: 'Name it with --data.' });
      const output = await cli.runJob('stations.commission', {
        ...(file === undefined ? {} : { model: cli.model(file) }), ...(options.data === undefined ? {} : { data: cli.data(options.data, options.schema === undefined ? undefined : cli.path(options.schema)) }),
        ...(options.calibration === undefined ? {} : { calibration: cli.data(options.calibration) }), ...(options.limits === undefined ? {} : { limitsPath: cli.path(options.limits) }),
        ...(options.station === undefined ? {} : { station: options.station }), outputDir: cli.path(options.output ?? defaultOutput(new Date())),
        force: options.force === true, maxDropPercent: options.maxDrop ?? 1, sample: file === undefined && options.station === undefined, template: options.template, language: options.language, paper: options.paper,
      });
      cli.result(output, () => commissionText(output, cli), exitOfJob('stations.commission', output));
    }));
}

export function registerStations(program: Command, cli: CliContext): void {
  registerCommission(program, cli);
  const station = program.command('station').description('stations: places on a line with a model, its limits, its data and its evidence')
    .addHelpText('after', '\nExamples:\n  millwright station create "Line 1" --takt 40\n  millwright station show "Line 1" --json');
  station.command('list').description('list stations').action(cli.action(async () => {
    const [list, served] = await Promise.all([cli.call('stations.list', {}), cli.call('serving.list', {})]);
    const servingOf = (id: string) => served.find(({ stationId }) => stationId === id) ?? null;
    cli.result(list.map((one) => ({ ...one, serving: servingOf(one.id) })), () => (list.length === 0 ? 'No stations yet. `millwright station sample` opens the bundled one.'
      : cli.table(['NAME', 'LINE', 'STATUS', 'VERDICT', 'TAKT MS', 'SERVING', 'ADDRESS'], list.map((one) => [one.name, one.line, one.status, one.verdict ?? '', one.taktMs ?? '', servingOf(one.id)?.state ?? '', servingOf(one.id)?.address ?? '']))));
  }));
  station.command('show <name>').description('a station by name or id').action(cli.action(async (name: string) => {
    const found = await findStation(cli, name);
    const serving = (await cli.call('serving.list', {})).find(({ stationId }) => stationId === found.id) ?? null;
    cli.result({ ...found, serving }, () => [...Object.entries(found).map(([key, value]) => `${key.padEnd(18)}${value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)}`), ...(serving === null ? [] : ['', servingText(serving, cli)])].join('\n'));
  }));
  station.command('create <name>').description('make a station').option('--line <line>', 'name of the line', '').option('--description <text>', 'what the station does', '').option('--takt <ms>', 'milliseconds per part', parseTakt)
    .action(cli.action(async (name: string, { line, description, takt }: { line: string; description: string; takt?: number }) => {
      const made = await cli.call('stations.create', { name, line, description, taktMs: takt ?? null });
      cli.result(made, `Station "${made.name}" is made.`);
    }));
  station.command('threshold <name> [score]').description('from which score on the station decides; without a score it is taken off').option('--positive <class>', 'the class that it is on')
    .addHelpText('after', '\nThe report of the station is stale from then on; `millwright station rerun NAME` runs what depends on it.\nExample:\n  millwright station threshold "Line 1" 0.35 --positive defect')
    .action(cli.action(async (name: string, score: string | undefined, { positive }: { positive?: string }) => {
      const found = await findStation(cli, name);
      const changed = await cli.call('stations.update', { id: found.id, change: { threshold: score === undefined ? null : thresholdOf(score, positive) } });
      cli.result(changed, changed.threshold === null ? `"${changed.name}" has no threshold.` : `"${changed.name}" decides from a score of ${changed.threshold.value} on${changed.threshold.positive === null ? '' : `, for ${changed.threshold.positive}`}.`);
    }));
  station.command('sample').description('open the bundled sample station').action(cli.action(async () => {
    const sample = await cli.runJob('stations.openSample', {});
    cli.result(sample, `Station "${sample.name}" is ready. Put it into service with: millwright commission`);
  }));
  station.command('remove <name>').description('remove a station with its containers; its models, data and evidence stay').option('--forget', 'where its engine cannot be reached and will not come back: give up what is there').addOption(reasonOption()).action(cli.action(async (name: string, { reason, forget = false }: ReasonOption & { readonly forget?: boolean }) => {
    const found = await findStation(cli, name);
    const isServed = (await cli.call('serving.list', {})).some(({ stationId }) => stationId === found.id);
    const { left } = isServed ? await cli.runJob('serving.remove', { stationId: found.id, reason, forget }) : { left: [] };
    await cli.call('stations.remove', { id: found.id, reason });
    cli.result({ removed: found.id, left }, [`Station "${found.name}" is removed.`, ...left].join('\n'));
  }));
  registerStationStale(station, cli);
  registerServing(program, station, cli);
  registerAccess(station, cli);
  registerRecorder(station, cli);
}
