// millwright deviation open | list | close
import { Option, type Command } from 'commander';
import { severities, type Deviation, type Severity } from '#shared/contract/deviations';
import type { CliContext } from '../CliContext.ts';
import { findStation } from '../findStation.ts';
import { whoActs } from '../whoActs.ts';

const against = ({ station, validationId }: Deviation) => [station, validationId].filter((part) => part !== null).join(', ');
const describe = (deviation: Deviation) => [
  `${deviation.id}  ${deviation.severity}, ${deviation.closure === null ? `open, ${deviation.owner}, due ${deviation.dueDate}` : `closed by ${deviation.closure.by} at ${deviation.closure.at}`}`,
  `  ${deviation.text}`, `  against ${against(deviation)}`,
  ...(deviation.closure === null ? [] : [`  cause: ${deviation.closure.cause}`, `  action: ${deviation.closure.action}`, `  evidence: ${deviation.closure.evidence}`]),
].join('\n');

interface OpenOptions { text: string; impact?: string; severity: Severity; owner: string; due: string; validation?: string; station?: string; limit?: string[] }
interface CloseOptions { cause: string; action: string; evidence: string; user?: string; passwordStdin: boolean; signer?: string; role?: string }

export function registerDeviations(program: Command, cli: CliContext): void {
  const deviation = program.command('deviation').description('deviations of validations and stations: open, list, close; an open critical one blocks the approval')
    .addHelpText('after', '\nExamples:\n  millwright deviation open --station "Lot code reader" --text "Two sevens were read as ones" --severity critical --owner "Eva Lang" --due 2026-12-01\n  millwright deviation list --open\n  millwright deviation close DEV-0001 --cause "The lamp was dark" --action "Lamp changed" --evidence "WO-4711" --user eva');

  deviation.command('open').description('note what was found, how grave it is, who owns it and by when')
    .requiredOption('--text <text>', 'what was found')
    .addOption(new Option('--severity <severity>', 'how grave it is').choices(severities).makeOptionMandatory())
    .requiredOption('--owner <name>', 'who sees to it').requiredOption('--due <date>', 'by when, as YYYY-MM-DD')
    .option('--impact <text>', 'what it means for the parts').option('--validation <id>', 'the validation that it was found against').option('--station <name>', 'the station that it was found against').option('--limit <id...>', 'limits that it concerns')
    .action(cli.action(async ({ text, impact, severity, owner, due, validation, station, limit }: OpenOptions) => {
      const opened = await cli.call('deviations.open', {
        text, severity, owner, dueDate: due, limitIds: limit ?? [], ...(impact === undefined ? {} : { impact }), ...(validation === undefined ? {} : { validationId: validation }),
        ...(station === undefined ? {} : { stationId: (await findStation(cli, station)).id }),
      }, { signal: cli.signal });
      cli.result(opened, () => describe(opened));
    }));

  deviation.command('list').description('deviations, newest first')
    .option('--open', 'only those that are not closed').option('--validation <id>', 'those of a validation').option('--station <name>', 'those of a station')
    .action(cli.action(async ({ open, validation, station }: { open?: boolean; validation?: string; station?: string }) => {
      const list = await cli.call('deviations.list', { ...(open === true ? { open } : {}), ...(validation === undefined ? {} : { validationId: validation }), ...(station === undefined ? {} : { stationId: (await findStation(cli, station)).id }) }, { signal: cli.signal });
      cli.result(list, () => (list.length === 0 ? 'No deviations.' : list.map(describe).join('\n\n')));
    }));

  deviation.command('close <id>').description('close a deviation with cause, action and evidence')
    .requiredOption('--cause <text>', 'the root cause').requiredOption('--action <text>', 'what was done').requiredOption('--evidence <text>', 'where that can be looked up')
    .option('--user <user>', 'user who closes it; the password is asked for').option('--password-stdin', 'read the password from stdin instead of asking on the terminal', false)
    .option('--signer <name>', 'printed name of who closes it, where there are no users').option('--role <role>', 'role, with --signer')
    .action(cli.action(async (id: string, { cause, action, evidence, user, passwordStdin, signer, role }: CloseOptions) => {
      const who = await whoActs(cli, { user, signer, passwordStdin }, 'closes it');
      const closed = await cli.call('deviations.close', { id, cause, action, evidence, ...who, ...(role === undefined ? {} : { role }) }, { signal: cli.signal });
      cli.result(closed, () => describe(closed));
    }));
}
