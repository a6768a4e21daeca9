// millwright deploy, and what a station serves: start, stop, restart, rollback, logs, stats, reconcile.
import { existsSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import type { JobName } from '#shared/contract/index';
import type { ServingView, Trial } from '#shared/contract/serving';
import { engineFacts, engineIds, inferPath, type EngineId } from '#shared/engines';
import { AppError } from '#shared/errors';
import { describeTuning } from '#shared/describeTuning';
import { liveVersion } from '#shared/liveVersion';
import type { CliContext } from '../CliContext.ts';
import { exitOfJob } from '../exitOfJob.ts';
import { reasonOption, type ReasonOption } from '../reasonOption.ts';
import { findStation } from '../findStation.ts';
import { parsePercent, parsePositive } from '../parseNumber.ts';
import { parseSize } from '../parseSize.ts';

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) throw new InvalidArgumentError('A port is a number from 1 to 65535.');
  return port;
}
function parseAddress(text: string): string {
  if (isIP(text) === 0) throw new InvalidArgumentError('An address is four numbers such as 192.168.10.4, or an IPv6 address.');
  return text;
}
function parseCount(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('A whole number is needed.');
  return Number(text);
}

const mib = (bytes: number) => `${Math.round(bytes / 1024 ** 2)}`;

/** Who may ask, where not everyone may. */
function accessLines({ clients, refused, tls }: ServingView): string[] {
  const turnedAway = refused?.count ? `${refused.count} turned away${refused.lastAt === null ? '' : `, last ${refused.lastAt.slice(0, 19)}Z`}` : null;
  const lines = clients?.map(({ name, asked, lastAt }) => `${name}${asked === null ? '' : asked === 0 ? ' (has not asked)' : ` (${asked} requests, last ${lastAt?.slice(0, 19) ?? ''}Z)`}`) ?? [];
  return [
    ...(tls === null ? [] : [`TLS       ${tls.subject}, until ${tls.validTo.slice(0, 10)}${tls.clientCertificates ? ', clients show a certificate too' : ''}${tls.fitsAddress ? '' : '; it does not name the address above, so that clients will refuse it'}`]),
    ...(clients === null ? [] : [`Clients   ${lines.length === 0 ? 'none: nobody but this console may ask' : lines.join(', ')}`]),
    ...(turnedAway === null ? [] : [`          ${turnedAway}`]),
  ];
}

export function servingText(view: ServingView, { style, table }: CliContext): string {
  const word = view.state === 'serving' ? style.green(view.state) : view.state === 'failed' || view.state === 'unknown' ? style.red(view.state) : style.yellow(view.state);
  const live = liveVersion(view);
  return [
    `${style.bold(view.station)}: ${word}. ${view.reason}${view.hint === '' ? '' : ` ${view.hint}`}`,
    `Address   ${view.address}${inferPath(live?.engine ?? 'millwright', live?.servedName ?? '')}${view.swarm?.grpc === false ? '' : `   gRPC ${view.grpcAddress}`}   (${view.reach})`,
    ...accessLines(view),
    ...(view.engineHost === null ? [] : [`On        the container engine at ${view.engineHost}`]),
    ...(view.swarm ? [`Replicas  ${view.swarm.ready} of ${view.swarm.replicas} answer`, ...view.swarm.nodes.map(({ name, address, state, availability, chosen, answers, since }) => `          ${answers ? style.green('answers') : chosen ? style.yellow('does not answer') : 'not used'}  ${name} (${address}), ${state}, ${availability}${chosen && since !== null ? `, since ${since.slice(0, 19)}Z` : ''}`), ...(live?.notes ?? []).map(({ severity, message, remedy }) => `          ${severity === 'warning' ? style.yellow('!') : '-'} ${message}${remedy === undefined ? '' : ` ${remedy}`}`)] : []),
    `Live      ${view.live}${live ? `, ${live.modelName}, ${live.cpus} processors, ${mib(live.memoryBytes)} MiB` : ''}${live?.tuning ? `, ${describeTuning(live.tuning)}` : ''}`,
    ...(live && live.engine !== 'millwright' ? [`Engine    ${engineFacts[live.engine].title}, image ${live.imageTag ?? live.imageId}`, ...live.notes.map(({ severity, message, remedy }) => `          ${severity === 'warning' ? style.yellow('!') : '-'} ${message}${remedy === undefined ? '' : ` ${remedy}`}`)] : []),
    ...(view.previous === null ? [] : [`Previous  ${view.previous}, ${view.versions.find(({ id }) => id === view.previous)?.modelName ?? ''}`]),
    ...(view.candidate === null || view.trial === null ? [] : [`On trial  ${view.candidate}, ${view.versions.find(({ id }) => id === view.candidate)?.modelName ?? ''}, ${view.trial.kind} of ${view.trial.percent} %${view.shadow === null ? '' : `: ${view.shadow.same} the same, ${view.shadow.different} different, ${view.shadow.decisionsChanged} decisions changed`}`]),
    ...(view.recorder === null ? [] : [`Recorder  ${view.recorder.held === null ? 'on; the gateway does not tell what it holds' : `${view.recorder.held.kept} requests and ${view.recorder.held.failuresKept} failed ones, ${mib(view.recorder.held.bytes)} MiB, since ${view.recorder.held.oldestAt?.slice(0, 19) ?? 'nothing came yet'}`}`]),
    ...(view.containers.length === 0 ? [] : ['', view.swarm ? table(['CONTAINER', 'ROLE', 'NODE', 'STATE', 'RESTARTS'], view.containers.map(({ name, role, node = '', state, restarts }) => [name, role, node, state, restarts])) : table(['CONTAINER', 'ROLE', 'STATE', 'RESTARTS'], view.containers.map(({ name, role, state, restarts }) => [name, role, state, restarts]))]),
  ].join('\n');
}

interface TrialOptions { readonly canary?: number; readonly shadow?: number; readonly keyHeader?: string }

function trialOf({ canary, shadow, keyHeader }: TrialOptions): { trial?: Trial } {
  if (canary !== undefined && shadow !== undefined) throw new AppError('BAD_USAGE', 'A version is either a canary or a shadow.', { hint: 'Leave out --canary or --shadow.' });
  if (keyHeader !== undefined && canary === undefined) throw new AppError('BAD_USAGE', '--key-header goes with --canary.');
  if (canary !== undefined) return { trial: { kind: 'canary', percent: canary, keyHeader: keyHeader?.toLowerCase() ?? null } };
  return shadow === undefined ? {} : { trial: { kind: 'shadow', percent: shadow, keyHeader: null } };
}

function parseTarget(text: string): 'docker' | 'swarm' {
  if (text !== 'docker' && text !== 'swarm') throw new InvalidArgumentError('The targets are docker and swarm.');
  return text;
}
const parseNodes = (text: string): string[] => text.split(',').map((part) => part.trim()).filter((part) => part !== '');

interface DeployOptions { readonly station: string; readonly listen?: string; readonly port?: number; readonly grpcPort?: number; readonly cpus?: number; readonly memory?: number; readonly gpus?: string; readonly readyWithin?: number; readonly canary?: number; readonly shadow?: number; readonly keyHeader?: string; readonly engine?: EngineId; readonly engineImage?: string; readonly image?: string; readonly target?: 'docker' | 'swarm'; readonly replicas?: number; readonly nodes?: string[]; readonly measured?: boolean; readonly closed?: boolean }

const engineNames = new Map<string, EngineId>([...engineIds.map((id) => [id, id] as const), ['tfserving', 'tf-serving']]);

function parseEngine(text: string): EngineId {
  const engine = engineNames.get(text.toLowerCase());
  if (!engine) throw new InvalidArgumentError(`The engines are ${engineIds.join(', ')}.`);
  return engine;
}

function registerDeploy(program: Command, cli: CliContext): void {
  program.command('deploy <file>').description('serve a model at a station, in containers of its own; a station that serves already is updated without a lost request')
    .requiredOption('--station <name>', 'name of the station; a new name makes a new station')
    .option('--listen <address>', 'address of the engine\'s machine to publish it at, 0.0.0.0 for all (default: 127.0.0.1, for programs of that machine only)', parseAddress)
    .option('--closed', 'a new station: nobody may ask until `station admit` gives keys')
    .option('--port <n>', 'port of the address (default: the first free one from 8100)', parsePort)
    .option('--grpc-port <n>', 'port for gRPC (default: the next free one)', parsePort)
    .option('--cpus <n>', 'processors that the model may use (default: all)', parsePositive)
    .option('--memory <size>', 'memory that the model may use, such as 512m or 2g (default: from the size of the model)', parseSize)
    .option('--gpus <which>', '"all": let the model use the GPUs')
    .option('--canary <percent>', 'let the new version answer so many percent, and leave the rest to the live one until it is promoted', parsePercent)
    .option('--shadow <percent>', 'let the new version see copies of so many percent; its answers are only compared', parsePercent)
    .option('--key-header <name>', 'with --canary: the same value of this header always sees the same version')
    .option('--engine <name>', `what serves it: ${engineIds.join(', ')} (default: that of the version before, else millwright)`, parseEngine)
    .option('--engine-image <tar or name>', 'image of another engine: a file that was brought here, or a name that the container engine knows')
    .option('--image <tar or name>', 'our own runtime from the image that `millwright image recipe --cuda` describes')
    .option('--target <where>', 'docker: the machine of the engine; swarm: a service on the hosts of the Swarm that this engine manages', parseTarget)
    .option('--replicas <n>', 'with --target swarm: how many, one a host at the most (default: one on each host that can be reached)', parseCount)
    .option('--nodes <addresses>', 'with --target swarm: the engines of the other hosts, for the image is loaded on each: unix:///…,tcp://…,ssh://…', parseNodes)
    .option('--measured', 'serve as `millwright advise` has measured for this model: sessions, threads, batching')
    .option('--ready-within <s>', 'seconds until the model must answer', parsePositive, 60)
    .addHelpText('after', '\nThe new version is started beside the live one, tried, and switched to; where it does not answer, the live one has never stopped.\n\nExamples:\n  $ millwright deploy digits.onnx --station "Line 1"\n  $ millwright deploy digits.int8.onnx --station "Line 1" --memory 512m --cpus 1\n  $ millwright deploy digits.onnx --station "Line 2" --engine mlserver --engine-image mlserver.tar\n  $ millwright deploy digits.onnx --station "Line 3" --target swarm --nodes ssh://plant@line-b-2,ssh://plant@line-b-3\n  $ millwright deploy digits.onnx --station "Line 4" --engine-host ssh://plant@line-4 --listen 0.0.0.0 --closed')
    .action(cli.action(async (file: string, { station, listen, port, grpcPort, cpus, memory, gpus, readyWithin = 60, engine, engineImage, image, target, replicas, nodes, measured = false, closed = false, ...rest }: DeployOptions) => {
      if (gpus !== undefined && gpus !== 'all') throw new AppError('BAD_USAGE', `--gpus ${gpus} is not known.`, { hint: 'Use --gpus all.' });
      const view = await cli.runJob('serving.deploy', {
        model: cli.model(file), station, gpus: gpus === 'all', measured, readyWithinMs: Math.round(readyWithin * 1000),
        ...(engine === undefined ? {} : { engine }), ...(engineImage === undefined ? {} : { engineImage: existsSync(engineImage) ? resolve(engineImage) : engineImage }),
        ...(image === undefined ? {} : { image: existsSync(image) ? resolve(image) : image }), ...(target === undefined ? {} : { target }), ...(replicas === undefined ? {} : { replicas }), ...(nodes === undefined ? {} : { nodes }),
        ...trialOf(rest), closed, ...(listen === undefined ? {} : { listen }), ...(port === undefined ? {} : { port }), ...(grpcPort === undefined ? {} : { grpcPort }), ...(cpus === undefined ? {} : { cpus }), ...(memory === undefined ? {} : { memoryBytes: memory }),
      });
      cli.result(view, () => servingText(view, cli));
    }));
}

function registerAdvise(program: Command, cli: CliContext): void {
  program.command('advise <file>').description('measure how a model is served best on this machine: sessions and threads, and whether batching gains anything')
    .option('--cpus <n>', 'processors that it may use (default: all that Millwright may use)', parseCount).option('--takt <ms>', 'a full batch and the wait for it must fit', parsePositive).option('--seconds <s>', 'to measure each place of the sweep', parsePositive, 2)
    .addHelpText('after', '\nThe result is kept: `millwright deploy FILE --station NAME --measured` serves so. Close what else runs on the machine.\n\nExample:\n  $ millwright advise digits.onnx --cpus 4 --takt 20')
    .action(cli.action(async (file: string, { cpus, takt, seconds }: { cpus?: number; takt?: number; seconds: number }) => {
      const advice = await cli.runJob('serving.advise', { model: cli.model(file), durationS: seconds, ...(cpus === undefined ? {} : { cpus }), ...(takt === undefined ? {} : { taktMs: takt }) });
      cli.result(advice, () => [
        cli.table(['SESSIONS', 'THREADS', 'BATCH', 'SAMPLES/S', 'P50 MS', 'P99 MS'], advice.points.map(({ instances, threads, batch, samplesPerSec, p50Ms, p99Ms }) => [instances, threads, batch, samplesPerSec.toFixed(1), p50Ms.toFixed(2), p99Ms.toFixed(2)])),
        '', ...advice.because, '', `On ${advice.cpus} ${advice.cpus === 1 ? 'processor' : 'processors'}: ${describeTuning(advice.chosen)}.`,
      ].join('\n'));
    }));
}

const operations: ReadonlyArray<readonly [string, JobName & ('serving.start' | 'serving.stop' | 'serving.restart' | 'serving.rollback' | 'serving.promote'), string]> = [
  ['start', 'serving.start', 'serve again, after a stop or a failure'], ['stop', 'serving.stop', 'finish what is in flight and stop serving; the station stays'],
  ['restart', 'serving.restart', 'stop and start, with the gateway of this release; the address is away for a moment'], ['rollback', 'serving.rollback', 'go back to the version before, or withdraw the one on trial, without a lost request'],
  ['promote', 'serving.promote', 'make the version on trial the live one, without a lost request'],
];

export function registerServing(program: Command, station: Command, cli: CliContext): void {
  registerDeploy(program, cli);
  registerAdvise(program, cli);
  for (const [name, op, description] of operations) {
    station.command(`${name} <name>`).description(description).addOption(reasonOption()).action(cli.action(async (named: string, { reason }: ReasonOption) => {
      const view = await cli.runJob(op, { stationId: (await findStation(cli, named)).id, reason });
      cli.result(view, () => servingText(view, cli));
    }));
  }
  station.command('split <name>').description('change what the version on trial sees').option('--canary <percent>', 'it answers so many percent', parsePercent).option('--shadow <percent>', 'it sees copies of so many percent', parsePercent).option('--key-header <name>', 'with --canary: the same value of this header always sees the same version').addOption(reasonOption())
    .action(cli.action(async (named: string, options: TrialOptions & ReasonOption) => {
      const { trial } = trialOf(options);
      if (!trial) throw new AppError('BAD_USAGE', 'The share is missing.', { hint: 'Add --canary PERCENT or --shadow PERCENT.' });
      const view = await cli.runJob('serving.split', { stationId: (await findStation(cli, named)).id, trial, reason: options.reason });
      cli.result(view, () => servingText(view, cli));
    }));
  station.command('hold <name>').description('acceptance stop: answer nothing until it is lifted').option('--reason <text>', 'what clients and colleagues are told').option('--release', 'lift it')
    .action(cli.action(async (named: string, { reason, release }: { reason?: string; release?: boolean }) => {
      if ((reason === undefined) === (release !== true)) throw new AppError('BAD_USAGE', 'Either a reason or --release is needed.', { hint: 'Add --reason TEXT, or --release to lift the stop.' });
      const view = await cli.runJob('serving.hold', { stationId: (await findStation(cli, named)).id, reason: reason ?? null });
      cli.result(view, () => servingText(view, cli));
    }));
  station.command('reconcile [name]').description('make the container engine have what the store says, for one station or all; for timers where no console is open').action(cli.action(async (named: string | undefined) => {
    const views = await cli.runJob('serving.reconcile', named === undefined ? {} : { stationId: (await findStation(cli, named)).id });
    cli.result(views, () => (views.length === 0 ? 'No station serves anything.' : views.map((view) => servingText(view, cli)).join('\n\n')), exitOfJob('serving.reconcile', views));
  }));
  station.command('logs <name>').description('the log of a station\'s containers').option('-f, --follow', 'go on until Ctrl-C').option('--tail <n>', 'so many last lines', parseCount, 200).option('--contains <text>', 'only lines with this text', '')
    .action(cli.action(async (named: string, { follow, tail, contains }: { follow?: boolean; tail: number; contains: string }) => {
      const lines: unknown[] = [];
      await cli.call('serving.logs', { stationId: (await findStation(cli, named)).id, follow: follow === true, tail, contains }, {
        onEvent(line) {
          if (cli.ndjson) cli.event({ event: 'line', ...line });
          else if (cli.json) lines.push(line);
          else cli.print(`${line.at} ${line.container} ${line.line}`);
        },
      }).catch((error: unknown) => { if (!cli.signal.aborted) throw error; });
      cli.result(lines, '');
    }));
  station.command('stats <name>').description('processors and memory that a station uses').option('-f, --follow', 'go on until Ctrl-C')
    .action(cli.action(async (named: string, { follow }: { follow?: boolean }) => {
      const { id } = await findStation(cli, named);
      const stop = new AbortController();
      let last: unknown = null;
      await cli.call('serving.stats', { stationId: id }, {
        signal: AbortSignal.any([stop.signal, cli.signal]),
        onEvent(sample) {
          if (follow !== true && sample.containers.some(({ cpuPercent }) => cpuPercent === null)) return;
          last = sample;
          if (cli.ndjson) cli.event({ event: 'sample', ...sample });
          else if (!cli.json) cli.print(cli.table(['CONTAINER', 'CPU %', 'HELD BACK %', 'MIB', 'OF MIB', 'PROCESSES'], sample.containers.map((one) => [one.name, one.cpuPercent?.toFixed(1) ?? '', one.throttledPercent?.toFixed(0) ?? '', mib(one.memoryBytes), mib(one.memoryLimitBytes), one.processes])));
          if (follow !== true) stop.abort();
        },
      }).catch((error: unknown) => { if (!stop.signal.aborted && !cli.signal.aborted) throw error; });
      cli.result(last, '');
    }));
}
