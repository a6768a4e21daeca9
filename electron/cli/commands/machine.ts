// millwright machine: what this machine has, and whether it is fit to commission on.
import type { Command } from 'commander';
import type { MachineReport, Preflight } from '#shared/contract/machine';
import type { CliContext } from '../CliContext.ts';

const gib = (bytes: number) => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
const kib = (bytes: number | null) => (bytes === null ? '?' : bytes >= 1024 ** 2 ? `${(bytes / 1024 ** 2).toFixed(0)} MiB` : `${(bytes / 1024).toFixed(0)} KiB`);

export function registerMachine(program: Command, cli: CliContext): void {
  program.command('machine').description('inspect this machine: processor, memory, GPUs, runtime providers, container engine, and a preflight')
    .option('--no-remember', 'do not keep the fingerprint for the next comparison')
    .addHelpText('after', '\nExit code 1 when a preflight check fails; warnings leave it 0.\n\nExamples:\n  millwright machine\n  millwright machine --json | jq .preflight')
    .action(cli.action(async ({ remember }: { remember: boolean }) => {
      const report = await cli.call('machine.inspect', { remember });
      cli.result(report, () => describe(report, cli), report.preflight.some(({ status }) => status === 'fail') ? 1 : 0);
    }));
}

function describe(report: MachineReport, cli: CliContext): string {
  const { cpu, memory, limits, gpus, providers, containers, disks, clock, os, changes, probes } = report;
  const { bold, dim } = cli.style;
  const home = disks.find(({ holdsData }) => holdsData);
  const caches = (['l1d', 'l2', 'l3'] as const).map((level) => `${level.toUpperCase()} ${kib(cpu.cacheBytes[level])}`).join(', ');
  const bounds = [
    ...(limits.inContainer ? ['in a container'] : []), ...(limits.cpuQuota === null ? [] : [`${limits.cpuQuota} processors`]), ...(limits.cpuset === null ? [] : [`${limits.cpuset} assigned processors`]),
    ...(limits.memoryBytes === null ? [] : [`${gib(limits.memoryBytes)} memory`]),
  ];
  const facts: [string, string][] = [
    ['Machine', `${report.hostname}, ${os.distro} ${os.release}, kernel ${os.kernel}, ${os.arch}`],
    ['Processor', `${cpu.model}, ${cpu.cores} cores, ${cpu.threads} threads${cpu.virtualised === true ? ', virtual' : ''}`],
    ['Instructions', cpu.isa.join(' ') || 'unknown'], ['Caches', caches],
    ['Memory', `${gib(memory.totalBytes)}, ${gib(memory.availableBytes)} available`], ['Limits', bounds.join(', ') || 'none'],
    ...gpus.map((gpu): [string, string] => [`GPU ${gpu.index}`, [gpu.model, gpu.memoryTotalBytes === null ? null : gib(gpu.memoryTotalBytes), gpu.driver === null ? 'no driver' : `driver ${gpu.driver}`].filter(Boolean).join(', ')]),
    ...(gpus.length === 0 ? [['GPU', 'none'] as [string, string]] : []),
    ['Containers', containers.reason], ...(home ? [['Disk', `${gib(home.availableBytes)} free of ${gib(home.totalBytes)} on ${home.mount} (${home.fileSystem})`] as [string, string]] : []),
    ['Clock', `${clock.synchronised === null ? 'synchronisation unknown' : clock.synchronised ? 'synchronised' : 'not synchronised'}, ${clock.timeZone}`],
    ['Fingerprint', report.fingerprint],
  ];
  const late = probes.filter(({ ok }) => !ok);
  return [
    ...facts.map(([name, value]) => `${bold(name.padEnd(12))} ${value}`), '',
    bold('Runtime providers'), ...providers.map(({ name, available, reason }) => `  ${available ? cli.style.green('yes') : dim('no ')}  ${name.padEnd(9)} ${reason}`), '',
    bold('Preflight'), ...report.preflight.flatMap((row) => describeCheck(row, cli)),
    ...(changes.length === 0 ? [] : ['', bold('Changed since last time'), ...changes.map(({ field, before, after }) => `  ${field}: ${before} -> ${after}`)]),
    ...(late.length === 0 ? [] : ['', bold('Could not be read'), ...late.map(({ id, reason }) => `  ${id}: ${reason}`)]),
  ].join('\n');
}

function describeCheck({ status, title, message, consequence, hint, command }: Preflight, { style }: CliContext): string[] {
  const mark = { pass: style.green('pass   '), warn: style.yellow('warn   '), fail: style.red('FAIL   '), unknown: style.cyan('unknown') }[status];
  const bad = status === 'warn' || status === 'fail';
  return [`  ${mark}  ${title}: ${message}`, ...(bad ? [`           ${consequence}`, `           ${hint}${command === null ? '' : ` Try: ${command}`}`] : [])];
}
