// millwright agreement list | show | create | rate | close | report
import { readFile } from 'node:fs/promises';
import { Option, type Command } from 'commander';
import { z } from 'zod';
import type { Study } from '#shared/contract/agreement';
import { jsonOrNull } from '#shared/jsonOrNull';
import { AppError } from '#shared/errors';
import { translateFileError } from '#services/files/translateFileError';
import type { CliContext } from '../CliContext.ts';
import { credentialOf } from '../whoActs.ts';

const answerFileSchema = z.array(z.object({ card: z.number().int().min(1), answer: z.string() }));

function human(study: Study): string {
  const { result } = study;
  return [
    `${study.id}  ${study.title}: ${study.samples} samples (seed ${study.seed}), ${study.repeats} shown twice`,
    ...study.raters.map(({ name, answered, total }) => `${name} answered ${answered} of ${total}`),
    ...(result === null ? [] : [
      `${result.method}'s kappa ${result.kappa === null ? 'is not defined: one answer throughout' : result.kappa.toFixed(3)}${result.interval === null ? '' : ` (${result.interval.low.toFixed(3)} to ${result.interval.high.toFixed(3)})`}, ${result.disputed.length} disputed`,
      ...result.raters.map(({ name, self, reference }) => `${name}: with themselves ${self === null ? 'not measured' : `${(self.share * 100).toFixed(1)} %`}, with the labels ${reference === null ? 'not measured' : `${(reference.share * 100).toFixed(1)} %`}`),
    ]),
  ].join('\n');
}

export function registerAgreement(program: Command, cli: CliContext): void {
  const whole = (name: string, text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < 0) throw new AppError('BAD_USAGE', `--${name} is "${text}", but it must be a whole number.`);
    return value;
  };
  const agreement = program.command('agreement').description('operator agreement study: how far people agree on the same samples')
    .addHelpText('after', '\nExamples:\n  millwright agreement create "Lids, early shift" --data ./test-set --samples 50 --repeats 10 --rater eva --rater "Ole Berg"\n  millwright agreement close STUDY\n  millwright agreement report STUDY --validation ID\n\nPeople answer in the console (Validate, Agreement), one sample after the other on a full screen.');
  agreement.command('list').description('all studies').action(cli.action(async () => {
    const studies = await cli.call('agreement.list', {});
    cli.result(studies, () => (studies.length === 0 ? 'There is no study.' : cli.table(['STUDY', 'SAMPLES', 'PEOPLE', 'KAPPA', 'TITLE'], studies.map((each) => [each.id, each.samples, each.raters.map(({ name, answered, total }) => `${name} ${answered}/${total}`).join(', '), each.result?.kappa?.toFixed(3) ?? '', each.title]))));
  }));
  agreement.command('show <study>').description('one study').action(cli.action(async (id: string) => { const study = await cli.call('agreement.show', { id }); cli.result(study, () => human(study)); }));
  agreement.command('create <title>').description('draw samples for people to judge')
    .requiredOption('--data <data>', 'a data set with classes').requiredOption('--samples <n>', 'how many samples').option('--repeats <n>', 'how many of them are shown twice', '0').option('--seed <n>', 'what the samples are drawn from', '1')
    .addOption(new Option('--rater <name>', 'a person: user or printed name, once for each').argParser((value: string, before: readonly string[] | undefined) => [...before ?? [], value]).makeOptionMandatory())
    .action(cli.action(async (title: string, options: { readonly data: string; readonly samples: string; readonly repeats: string; readonly seed: string; readonly rater: readonly string[] }) => {
      const study = await cli.call('agreement.create', { title, data: cli.data(options.data), samples: whole('samples', options.samples), repeats: whole('repeats', options.repeats), seed: whole('seed', options.seed), raters: [...options.rater] });
      cli.result(study, () => human(study));
    }));
  agreement.command('rate <study>').description('give answers from a file, by the numbers of the samples as this person sees them').requiredOption('--rater <name>', 'whose answers').requiredOption('--answers <file>', 'JSON: [{"card":1,"answer":"good"}]')
    .option('--user <name>', 'the user that the person is').addOption(new Option('--password-stdin', 'read the password from stdin').default(false))
    .action(cli.action(async (id: string, options: { readonly rater: string; readonly answers: string; readonly user?: string; readonly passwordStdin: boolean }) => {
      const text = await readFile(cli.path(options.answers), 'utf8').catch((error: unknown) => { throw translateFileError(error, cli.path(options.answers), 'read'); });
      const answers = answerFileSchema.safeParse(jsonOrNull(text));
      if (!answers.success) throw new AppError('BAD_INPUT', `${options.answers} is not a list of cards with answers.`, { hint: 'Each entry is {"card":1,"answer":"good"}.' });
      const by = options.user === undefined ? {} : { by: await credentialOf(cli, options.user, options.passwordStdin) };
      let tally = await cli.call('agreement.begin', { id, name: options.rater, ...by });
      const { sitting } = tally;
      for (const { card, answer } of answers.data) tally = { ...tally, ...(await cli.call('agreement.answer', { sitting, position: card - 1, answer })) };
      cli.result({ answered: tally.answered, total: tally.total }, () => `${options.rater} answered ${tally.answered} of ${tally.total}`);
    }));
  agreement.command('close <study>').description('compute the agreement, once everybody answered everything').action(cli.action(async (id: string) => { const study = await cli.call('agreement.close', { id }); cli.result(study, () => human(study)); }));
  agreement.command('report <study>').description('put the study into the next revision of a validation\'s report').requiredOption('--validation <id>', 'whose report').option('-o, --output <dir>', 'where it goes').option('--force', 'replace an earlier report')
    .action(cli.action(async (id: string, options: { readonly validation: string; readonly output?: string; readonly force?: boolean }) => {
      const made = await cli.call('agreement.report', { id, validationId: options.validation, force: options.force === true, ...(options.output === undefined ? {} : { outputDir: cli.path(options.output) }) });
      cli.result(made, () => `evidence  ${made.zip}`);
    }));
}
