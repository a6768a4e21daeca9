// millwright bench, millwright run
import { InvalidArgumentError, type Command } from 'commander';
import { bestHistograms, type ProviderShare } from '#shared/contract/benchmarks';
import { describeRuntime } from '#shared/contract/runtimeOptions';
import { AppError } from '#shared/errors';
import { sayTakt } from '#shared/taktSentence';
import { hgrmText } from '#shared/hdrHistogram';
import { refuseOverwrite, writeFileAtomic } from '#services/files/writeFileAtomic';
import { runtimeWishOf, withRuntimeFlags, type RuntimeFlags } from '../runtimeFlags.ts';
import type { CliContext } from '../CliContext.ts';
import { exitOfJob } from '../exitOfJob.ts';

const ms = (value: number) => value.toFixed(value < 10 ? 3 : 2);
const mega = (bytes: number) => (bytes / 1e6).toFixed(0);
const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

/** "1,2,4" as numbers. */
function counts(text: string): number[] {
  const list = text.split(',').map((part) => Number(part.trim()));
  if (list.some((count) => !Number.isInteger(count) || count < 1)) throw new InvalidArgumentError('Give whole numbers from 1, separated by commas.');
  return list;
}
function positive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new InvalidArgumentError('Give a number, 0 or larger.');
  return value;
}

const sharesTable = (cli: CliContext, shares: readonly ProviderShare[]) => cli.table(['PROVIDER', 'NODES', 'OF NODES', 'OF TIME'], shares.map((share) => [share.provider, share.nodes, percent(share.nodeShare), percent(share.timeShare)]));

interface BenchOptions extends RuntimeFlags { batch: number[]; threads?: number[]; concurrency: number[]; provider?: string[]; station?: string; takt?: number; camera: number; plc: number; duration: number; soak: number; data?: string; hgrm?: string; force?: boolean }

export function registerBenchmarks(program: Command, cli: CliContext): void {
  withRuntimeFlags(program.command('bench <file>').description('latency, throughput and memory over batch, threads and concurrency')
    .option('--batch <list>', 'batch sizes', counts, [1]).option('--threads <list>', 'threads within an operator; as the station that serves the model, else all that may be used', counts).option('--concurrency <list>', 'callers at once, each in a process of its own', counts, [1])
    .option('--provider <name...>', 'execution providers; as the station that serves the model, else cpu').option('--takt <ms>', 'time for one part; exit 1 when the tail does not fit', positive)
    .option('--camera <ms>', 'share of the takt for the camera', positive, 0).option('--plc <ms>', 'share of the takt for the PLC', positive, 0)
    .option('--duration <s>', 'longest time for one point', positive, 5).option('--soak <s>', 'then run the first point so long, and look for drift', positive, 0)
    .option('--station <name>', 'the station whose options are taken where none are named')
    .option('--data <data>', 'samples to feed; without it random values of the declared shapes')
    .option('--hgrm <file>', 'write the percentiles of the best point there, as HdrHistogram prints them; with --takt also FILE-corrected').option('--force', 'overwrite such files that exist'))
    .addHelpText('after', '\nExamples:\n  millwright bench model.onnx --threads 1,2\n  millwright bench model.onnx --takt 40 --camera 8 --plc 4 --soak 60')
    .action(cli.action(async (file: string, options: BenchOptions) => {
      const force = options.force === true;
      const hgrm = options.hgrm === undefined ? null : { raw: cli.path(options.hgrm), corrected: cli.path(options.hgrm.replace(/(\.\w+)?$/, '-corrected$1')) };
      if (hgrm) for (const path of Object.values(hgrm)) await refuseOverwrite(path, force);
      const output = await cli.runJob('benchmarks.run', {
        model: cli.model(file), batch: options.batch, ...(options.threads ? { threads: options.threads } : {}), concurrency: options.concurrency, ...(options.provider ? { providers: options.provider } : {}), ...(options.station === undefined ? {} : { station: options.station }), runtime: runtimeWishOf(options),
        ...(options.takt === undefined ? {} : { taktMs: options.takt }), cameraMs: options.camera, plcMs: options.plc, durationS: options.duration, soakS: options.soak, ...(options.data ? { data: cli.data(options.data) } : {}),
      });
      const { taktVerdict: takt } = output;
      const histograms = bestHistograms(output);
      if (hgrm && histograms) {
        await writeFileAtomic(hgrm.raw, Buffer.from(hgrmText(histograms.raw)), { force });
        if (histograms.corrected) await writeFileAtomic(hgrm.corrected, Buffer.from(hgrmText(histograms.corrected)), { force });
      }
      cli.result(output, () => [
        cli.table(['PROVIDER', 'BATCH', 'THREADS', 'AT ONCE', 'P50 MS', 'P95 MS', 'P99 MS', 'P99.9 MS', 'MAX MS', 'PER S', 'RSS MB', 'OF ESTIMATE', 'SAMPLES', ''], output.points.map((point) => [
          point.provider, point.batch, point.threads, point.concurrency, ms(point.latencyMs.p50), ms(point.latencyMs.p95), ms(point.latencyMs.p99), ms(point.latencyMs.p999), ms(point.latencyMs.max),
          point.throughputPerSec.toFixed(1), mega(point.peakRssBytes), point.memory ? percent(point.memory.ratio) : '', point.latencyMs.samples, point.stable ? 'stable' : 'not stable',
        ])),
        '', ...(output.runtime ? [`Session options: ${describeRuntime(output.runtime)}${output.runtime.origin === 'station' ? `, as ${output.runtime.station ?? ''} serves` : ''}`, ...(output.runtime.note === null ? [] : [output.runtime.note])] : []), `Cold start, process to first answer: ${ms(output.coldStartMs)} ms`, sharesTable(cli, output.providerShares),
        ...(takt ? [`${sayTakt(takt)}${takt.driftMsPerMin === null ? '' : ` Drift ${takt.driftMsPerMin.toFixed(4)} ms per minute.`}`] : []),
        ...output.remarks,
      ].join('\n'), exitOfJob('benchmarks.run', output));
    }));

  program.command('run <file>').description('one inference on inputs given as .npy files')
    .requiredOption('--input <name=file...>', 'an input of the model and its .npy file').option('-o, --output <dir>', 'write each output there as NAME.npy').option('--force', 'overwrite outputs that exist')
    .option('--profile', 'show which execution provider ran how much').addHelpText('after', '\nExample:\n  millwright run model.onnx --input image=part.npy -o out --profile')
    .action(cli.action(async (file: string, options: { input: string[]; output?: string; force?: boolean; profile?: boolean }) => {
      const inputs = Object.fromEntries(options.input.map((pair) => {
        const at = pair.indexOf('=');
        if (at < 1) throw new AppError('BAD_USAGE', `"${pair}" is not of the form NAME=FILE.npy.`);
        return [pair.slice(0, at), cli.path(pair.slice(at + 1))];
      }));
      const output = await cli.call('models.run', { model: cli.model(file), inputs, ...(options.output ? { outputDir: cli.path(options.output) } : {}), force: options.force === true, profile: options.profile === true }, { signal: cli.signal });
      cli.result(output, () => [
        cli.table(['OUTPUT', 'TYPE', 'SHAPE', 'FIRST VALUES', 'FILE'], output.outputs.map(({ name, type, shape, preview, path }) => [name, type, shape.join(' x '), preview.map((value) => (typeof value === 'number' ? Number(value.toPrecision(6)) : value)).join(' '), path ?? ''])),
        `Took ${ms(output.durationMs)} ms.`, ...(output.providerShares.length > 0 ? [sharesTable(cli, output.providerShares)] : []),
      ].join('\n'));
    }));
}
