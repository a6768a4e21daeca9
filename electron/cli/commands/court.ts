// millwright court list | show | open | cards | judge | undo | close | report
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Option, type Command } from 'commander';
import { z } from 'zod';
import { courtVerdictSchema, courtVerdicts, type Docket } from '#shared/contract/court';
import type { Credential } from '#shared/contract/people';
import { jsonOrNull } from '#shared/jsonOrNull';
import { AppError } from '#shared/errors';
import { translateFileError } from '#services/files/translateFileError';
import { refuseOverwrite, writeFileAtomic } from '#services/files/writeFileAtomic';
import { askPasswords } from '../askPasswords.ts';
import type { CliContext } from '../CliContext.ts';
import { passwordOf } from '../whoActs.ts';

interface WhoOptions { readonly user: string; readonly with?: string; readonly passwordStdin: boolean }
const verdictFileSchema = z.array(z.object({ card: z.number().int().min(1), verdict: courtVerdictSchema }));
const stateWords: Readonly<Record<Docket['state'], string>> = { judging: 'being judged', disputed: 'disputes to decide', decided: 'ready to close', closed: 'closed' };

function human(docket: Docket): string {
  const { result } = docket;
  return [
    `${docket.id}  ${docket.title}: ${docket.flips} changed decisions, ${stateWords[docket.state]}`,
    ...docket.judges.map(({ printedName, judged }) => `${printedName} judged ${judged} of ${docket.flips}`),
    ...(docket.disputed === null || docket.disputed === 0 ? [] : [`The judges differ on ${docket.disputed}; ${docket.adjudicated} adjudicated${docket.adjudicators.length > 0 ? ` by ${docket.adjudicators.join(' and ')}` : ''}`]),
    ...(result === null ? [] : [`${result.repairs} repairs, ${result.regressions} regressions, ${result.harmless} harmless, ${result.bothWrong} both wrong, ${result.undecided} cannot say`, result.kappa === null ? 'kappa is not defined: both gave one verdict throughout' : `kappa ${result.kappa.toFixed(3)}${result.interval === null ? '' : ` (${result.interval.low.toFixed(3)} to ${result.interval.high.toFixed(3)})`}`]),
  ].join('\n');
}

export function registerCourt(program: Command, cli: CliContext): void {
  const userOption = () => new Option('--user <name>', 'who does it').makeOptionMandatory();
  const stdinOption = () => new Option('--password-stdin', 'read the passwords from stdin, one a line, instead of asking on the terminal').default(false);
  const credentials = async ({ user, with: second, passwordStdin }: WhoOptions): Promise<{ by: Credential; with?: Credential }> => {
    const users = second === undefined ? [user] : [user, second];
    const passwords = await askPasswords(users.map(passwordOf), { fromStdin: passwordStdin, signal: cli.signal });
    return { by: { user, password: passwords[0] ?? '' }, ...(second === undefined ? {} : { with: { user: second, password: passwords[1] ?? '' } }) };
  };
  const court = program.command('court').description('flip court: two people judge blind each decision that the optimised model changed')
    .addHelpText('after', '\nExamples:\n  millwright court list\n  millwright court cards DOCKET --user eva -o ./cards\n  millwright court judge DOCKET --user eva --verdicts verdicts.json\n  millwright court close DOCKET --user eva\n  millwright court report DOCKET -o ./report\n\nA validation with a reference opens its docket by itself. In verdicts.json: [{"card":1,"verdict":"a"}, …], verdict one of ' + courtVerdicts.join(', ') + '.');
  court.command('list').description('all dockets')
    .action(cli.action(async () => {
      const dockets = await cli.call('court.list', {});
      cli.result(dockets, () => (dockets.length === 0 ? 'There is no docket: validate with --reference, or compare two models and open one.' : cli.table(['DOCKET', 'FLIPS', 'JUDGES', 'STATE', 'TITLE'], dockets.map((each) => [each.id, each.flips, each.judges.map(({ printedName, judged }) => `${printedName} ${judged}`).join(', '), stateWords[each.state], each.title]))));
    }));
  court.command('show <docket>').description('one docket; its verdicts only when it is closed')
    .action(cli.action(async (id: string) => { const docket = await cli.call('court.show', { id }); cli.result(docket, () => human(docket)); }));
  court.command('open').description('open a docket from a validation or a comparison')
    .option('--validation <id>', 'id of a validation').option('--job <id>', 'id of the job of a comparison')
    .action(cli.action(async ({ validation, job }: { readonly validation?: string; readonly job?: string }) => {
      if ((validation === undefined) === (job === undefined)) throw new AppError('BAD_USAGE', 'Name either --validation or --job.');
      const docket = await cli.call('court.open', validation === undefined ? { jobId: job ?? '' } : { validationId: validation });
      cli.result(docket, () => human(docket));
    }));
  court.command('cards <docket>').description('write this person\'s cards as files, in this person\'s order, for judging without the console')
    .addOption(userOption()).option('--with <name>', 'the other judge, to adjudicate together').addOption(stdinOption()).requiredOption('-o, --output <dir>', 'where cards.json and the pictures go').option('--force', 'replace earlier cards')
    .action(cli.action(async (id: string, options: WhoOptions & { readonly output: string; readonly force?: boolean }) => {
      const dir = cli.path(options.output), force = options.force === true;
      await refuseOverwrite(join(dir, 'cards.json'), force);
      const { sitting, total, role } = await cli.call('court.sit', { id, ...(await credentials(options)) });
      await mkdir(dir, { recursive: true });
      const cards = [];
      for (let position = 0; position < total; position++) {
        cli.signal.throwIfAborted();
        const { input, answers, verdict } = await cli.call('court.card', { sitting, position }, { signal: cli.signal });
        const file = input.kind === 'image' ? `card-${String(position + 1).padStart(4, '0')}.png` : null;
        if (input.kind === 'image' && file !== null) await writeFileAtomic(join(dir, file), Buffer.from(input.dataUrl.slice(input.dataUrl.indexOf(',') + 1), 'base64'), { force });
        cards.push({ card: position + 1, picture: file, row: input.kind === 'row' ? input.values : null, a: answers.a, b: answers.b, verdict });
      }
      await writeFileAtomic(join(dir, 'cards.json'), Buffer.from(`${JSON.stringify(cards, null, 2)}\n`), { force });
      await cli.call('court.leave', { sitting });
      cli.result({ role, cards }, () => `${total} cards in ${dir}`);
    }));
  court.command('judge <docket>').description('give verdicts from a file, by the numbers of the cards')
    .addOption(userOption()).option('--with <name>', 'the other judge, to adjudicate together').addOption(stdinOption()).requiredOption('--verdicts <file>', 'JSON: [{"card":1,"verdict":"a"}]')
    .action(cli.action(async (id: string, options: WhoOptions & { readonly verdicts: string }) => {
      const text = await readFile(cli.path(options.verdicts), 'utf8').catch((error: unknown) => { throw translateFileError(error, cli.path(options.verdicts), 'read'); });
      const verdicts = verdictFileSchema.safeParse(jsonOrNull(text));
      if (!verdicts.success) throw new AppError('BAD_INPUT', `${options.verdicts} is not a list of cards with verdicts: ${verdicts.error.issues[0]?.path.join('.') ?? ''} ${verdicts.error.issues[0]?.message ?? ''}.`, { hint: `Each entry is {"card":1,"verdict":"a"}; the verdicts are ${courtVerdicts.join(', ')}.` });
      const { sitting, role, names } = await cli.call('court.sit', { id, ...(await credentials(options)) });
      let judged = 0, total = 0;
      for (const { card, verdict } of verdicts.data) ({ judged, total } = await cli.call('court.judge', { sitting, position: card - 1, verdict }));
      await cli.call('court.leave', { sitting });
      cli.result({ role, names, judged, total }, () => `${names.join(' and ')} judged ${judged} of ${total}`);
    }));
  court.command('undo <docket>').description('take back the last verdict of this person').addOption(userOption()).option('--with <name>', 'the other judge').addOption(stdinOption())
    .action(cli.action(async (id: string, options: WhoOptions) => {
      const { sitting } = await cli.call('court.sit', { id, ...(await credentials(options)) });
      const { judged, total, next } = await cli.call('court.undo', { sitting });
      await cli.call('court.leave', { sitting });
      cli.result({ judged, total, card: next === null ? null : next + 1 }, () => `Card ${next === null ? '' : next + 1} is open again; ${judged} of ${total} are judged`);
    }));
  court.command('close <docket>').description('make the verdicts final and known').addOption(userOption()).addOption(stdinOption())
    .action(cli.action(async (id: string, options: WhoOptions) => { const docket = await cli.call('court.close', { id, by: (await credentials(options)).by }); cli.result(docket, () => human(docket)); }));
  court.command('report <docket>').description('put the result into the next revision of the validation\'s report').option('-o, --output <dir>', 'where it goes; without it into the data folder').option('--force', 'replace an earlier report')
    .action(cli.action(async (id: string, options: { readonly output?: string; readonly force?: boolean }) => {
      const made = await cli.call('court.report', { id, force: options.force === true, ...(options.output === undefined ? {} : { outputDir: cli.path(options.output) }) });
      cli.result(made, () => `evidence  ${made.zip}`);
    }));
}
