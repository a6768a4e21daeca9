// millwright evidence stale, station stale | rerun
import type { Command } from 'commander';
import type { Staleness } from '#shared/contract/evidence';
import { rerunSections, type RerunSection } from '#shared/contract/validation';
import { AppError } from '#shared/errors';
import type { CliContext } from '../CliContext.ts';
import { exitOfJob } from '../exitOfJob.ts';
import { reasonOption, type ReasonOption } from '../reasonOption.ts';
import { findStation } from '../findStation.ts';

function describe(cli: CliContext, found: Staleness): string {
  if (!found.stale) return `${cli.style.green('CURRENT')}  what the report was made for is what is here`;
  return [
    `${cli.style.yellow('STALE')}${found.expired ? `  valid until ${found.validUntil ?? ''}` : ''}`,
    ...(found.differences.length > 0 ? [cli.table(['PART', 'REPORT', 'NOW'], found.differences.map(({ part, approved, now }) => [part, approved, now]))] : []),
    ...(found.sections.length > 0 ? [`Run again: ${found.sections.join(', ')}`] : []),
  ].join('\n');
}

export function registerEvidenceStale(evidence: Command, cli: CliContext): void {
  evidence.command('stale <file>').description('compare what a report was made for with what is here now; exit 1 when they differ')
    .action(cli.action(async (file: string) => {
      const found = await cli.call('evidence.staleness', { path: cli.path(file) }, { signal: cli.signal });
      cli.result(found, () => describe(cli, found), found.stale ? 1 : 0);
    }));
}

export function registerStationStale(station: Command, cli: CliContext): void {
  station.command('stale <name>').description('compare what the station was validated with with what is here now; exit 1 when they differ')
    .action(cli.action(async (name: string) => {
      const found = await cli.call('evidence.staleness', { id: await evidenceOf(cli, name) }, { signal: cli.signal });
      cli.result(found, () => describe(cli, found), found.stale ? 1 : 0);
    }));
  station.command('rerun <name>').description('run again just the sections that are stale, or those named, and write a new revision of the report')
    .option('--sections <section...>', `which: ${rerunSections.join(', ')}`).option('-o, --output <dir>', 'where the report goes; without it into the data folder of Millwright').addOption(reasonOption())
    .action(cli.action(async (name: string, options: ReasonOption & { sections?: string[]; output?: string }) => {
      const found = await findStation(cli, name);
      const evidenceId = await evidenceOf(cli, name);
      const sections = options.sections?.flatMap((part) => part.split(',')).map(sectionOf) ?? (await cli.call('evidence.staleness', { id: evidenceId }, { signal: cli.signal })).sections;
      if (sections.length === 0) throw new AppError('BAD_INPUT', `Nothing of the report of ${found.name} is stale.`, { hint: 'Name sections with --sections to run them all the same.' });
      const modelId = found.candidateModelId ?? found.modelId;
      if (modelId === null || found.testId === null) throw new AppError('BAD_INPUT', `${found.name} has no model or no test data.`);
      const output = await cli.runJob('validation.run', {
        model: { id: modelId }, ...(found.modelId === null ? {} : { reference: { id: found.modelId } }), data: { id: found.testId }, station: found.name, rerun: { evidenceId, sections }, ...(options.reason === undefined ? {} : { reason: options.reason }),
        ...(found.limitsId === null ? {} : { limitsId: found.limitsId }), ...(options.output === undefined ? {} : { outputDir: cli.path(options.output) }),
      });
      cli.result(output, () => `${output.verdict}: ${sections.join(', ')} run again\nevidence  ${output.report?.zip ?? ''}`, exitOfJob('validation.run', output));
    }));
}

async function evidenceOf(cli: CliContext, name: string): Promise<string> {
  const station = await findStation(cli, name);
  if (station.evidenceId === null) throw new AppError('NOT_FOUND', `${station.name} has no report yet.`, { hint: 'Put it into service with `millwright commission`.' });
  return station.evidenceId;
}

function sectionOf(text: string): RerunSection {
  const section = rerunSections.find((each) => each === text);
  if (section === undefined) throw new AppError('BAD_USAGE', `"${text}" is no section that can be run again: ${rerunSections.join(', ')}.`);
  return section;
}
