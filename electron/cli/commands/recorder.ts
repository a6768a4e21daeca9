// The flight recorder of a station: on and off, what it holds, and the same requests once more.
import type { Command } from 'commander';
import { AppError } from '#shared/errors';
import { usualRecorder, type RecordSummary } from '#shared/gateway';
import type { CliContext } from '../CliContext.ts';
import { exitOfJob } from '../exitOfJob.ts';
import { findStation } from '../findStation.ts';
import { parseCount } from '../parseCount.ts';
import { parsePercent, parsePositive } from '../parseNumber.ts';
import { reasonOption, type ReasonOption } from '../reasonOption.ts';
import { servingText } from './serving.ts';

interface RecordOptions extends ReasonOption { readonly keep?: number; readonly percent?: number; readonly off?: boolean }
interface RecordsOptions extends ReasonOption { readonly show?: number; readonly save?: string; readonly force?: boolean }

const rowOf = ({ seq, at, status, version, durationMs, questionBytes, answerBytes, whole, path }: RecordSummary) => [seq, at, status, version ?? '', durationMs.toFixed(1), questionBytes, answerBytes, whole ? '' : 'not whole', path];

export function registerRecorder(station: Command, cli: CliContext): void {
  station.command('record <name>').description('the flight recorder: keep the last requests with their answers, in the memory of the station\'s gateway')
    .option('--keep <n>', `so many (default: ${usualRecorder.entries}; within 32 MiB, and at the most 2000)`, parseCount).option('--percent <percent>', 'only a share of them; failed ones are kept in any case', parsePercent).option('--off', 'stop, and forget what it holds').addOption(reasonOption())
    .addHelpText('after', '\nWhat is sent to the station is production data: it stays in memory, leaves with `station records --save`, and is gone when the gateway ends. Calls of gRPC are not recorded.\n\nExamples:\n  $ millwright station record "Line 1" --keep 500\n  $ millwright station records "Line 1" --save incident.har\n  $ millwright station replay "Line 1"')
    .action(cli.action(async (named: string, { keep, percent, off, reason }: RecordOptions) => {
      if (off === true && (keep !== undefined || percent !== undefined)) throw new AppError('BAD_USAGE', '--off goes alone.', { hint: 'Leave out --keep and --percent, or --off.' });
      const view = await cli.runJob('serving.record', { stationId: (await findStation(cli, named)).id, reason, recorder: off === true ? null : { entries: keep, percent } });
      cli.result(view, () => servingText(view, cli));
    }));
  station.command('records <name>').description('what the flight recorder holds, newest first').option('--show <number>', 'what was asked and answered there', parseCount).option('--save <file>', 'write all to an HTTP archive (.har)').option('--force', 'replace the file').addOption(reasonOption())
    .action(cli.action(async (named: string, { show, save, force = false, reason }: RecordsOptions) => {
      if (show !== undefined && save !== undefined) throw new AppError('BAD_USAGE', '--show and --save do not go together.');
      const { id: stationId } = await findStation(cli, named);
      if (save !== undefined) {
        const saved = await cli.runJob('serving.saveRecords', { stationId, path: cli.path(save), force, reason });
        return cli.result(saved, `${saved.records} ${saved.records === 1 ? 'request' : 'requests'} written to ${saved.path}${saved.gone === 0 ? '' : `; ${saved.gone} were pushed out by newer ones meanwhile`}`);
      }
      if (show !== undefined) {
        const record = await cli.call('serving.recorded', { stationId, seq: show }, { signal: cli.signal });
        return cli.result(record, () => [`${record.at}  ${record.requestId}  ${record.path}`, `Status ${record.status}${record.version === null ? '' : ` of ${record.version}`}, after ${record.durationMs.toFixed(1)} ms`, '', cli.style.bold('Asked'), record.question, '', cli.style.bold('Answered'), record.answer ?? 'Nothing.'].join('\n'));
      }
      const records = await cli.call('serving.records', { stationId }, { signal: cli.signal });
      cli.result(records, () => (records.length === 0 ? 'Nothing is recorded.' : cli.table(['NUMBER', 'AT', 'STATUS', 'VERSION', 'MS', 'BYTES ASKED', 'ANSWERED', '', 'PATH'], records.map(rowOf))));
    }));
  station.command('replay <name>').description('ask a version what was recorded, and compare its answers with those that clients got').option('--against <version>', 'such as v3 (default: the version on trial, else the live one)').option('--tolerance <number>', 'how far numbers may differ: relative above 1, absolute below', parsePositive, 1e-3)
    .action(cli.action(async (named: string, { against, tolerance }: { against?: string; tolerance: number }) => {
      const report = await cli.runJob('serving.replay', { stationId: (await findStation(cli, named)).id, tolerance, ...(against === undefined ? {} : { version: against }) });
      const { version, asked, same, different, decisionsChanged, failed, skipped, p50Ms, p99Ms, differences } = report;
      cli.result(report, () => [
        `${version} was asked ${asked} recorded ${asked === 1 ? 'request' : 'requests'} again: ${same} the same, ${different} different, ${decisionsChanged} decisions changed, ${failed} not answered${skipped === 0 ? '' : `; ${skipped} had nothing to compare with`}.`,
        ...(p50Ms === null || p99Ms === null ? [] : [`It took ${p50Ms.toFixed(1)} ms (median), ${p99Ms.toFixed(1)} ms (99th percentile), one after the other.`]),
        ...(differences.length === 0 ? [] : ['', cli.table(['NUMBER', 'AT', 'REQUEST', 'DIFFERENCE'], differences.map(({ seq, at, requestId, reason }) => [seq, at, requestId, reason]))]),
      ].join('\n'), exitOfJob('serving.replay', report));
    }));
}
