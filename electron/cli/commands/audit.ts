// millwright audit show | verify | export
import { InvalidArgumentError, type Command } from 'commander';
import { changeLine } from '#shared/auditChange';
import type { CliContext } from '../CliContext.ts';

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 10_000) throw new InvalidArgumentError('It is a whole number from 1 to 10000.');
  return value;
}

/** --json has all of it. */
const clip = (text: string): string => (text.length > 200 ? `${text.slice(0, 199)}…` : text);

export function registerAudit(program: Command, cli: CliContext): void {
  const audit = program.command('audit').description('the audit trail: who did what, in a chain that shows every change')
    .addHelpText('after', '\nExamples:\n  millwright audit show --limit 20\n  millwright audit verify\n  millwright audit export -o audit.jsonl');

  audit.command('show').description('the latest entries, newest first').option('--limit <n>', 'how many', count, 50)
    .action(cli.action(async ({ limit }: { limit: number }) => {
      const page = await cli.call('audit.show', { limit }, { signal: cli.signal });
      cli.result(page, () => (page.total === 0 ? 'The audit trail is empty.' : [cli.table(['NO.', 'TIME', 'ACTOR', 'ACTION', 'SUBJECT', 'OLD -> NEW, REASON'], page.entries.map(({ seq, at, actor, action, subject, detail }) => [seq, at, actor, action, subject, clip(changeLine(detail))])), `${page.entries.length} of ${page.total} entries`].join('\n')));
    }));

  audit.command('verify').description('check the whole chain: edits, gaps, order, a cut-off end; exit 1 when it does not hold')
    .action(cli.action(async () => {
      const result = await cli.call('audit.verify', {}, { signal: cli.signal });
      cli.result(result, () => [
        result.intact ? `${cli.style.green('INTACT')}  ${result.entries} entries, head ${result.head ?? 'none'}` : `${cli.style.red('NOT INTACT')}  ${result.entries} entries`,
        ...result.findings.map(({ severity, place, message }) => `${severity}: ${place}: ${message}`),
      ].join('\n'), result.intact ? 0 : 1);
    }));

  audit.command('export').description('write all entries as JSON Lines, the signed head last').requiredOption('-o, --output <file>', 'where to').option('--force', 'replace an existing file', false)
    .action(cli.action(async ({ output, force }: { output: string; force: boolean }) => {
      const written = await cli.call('audit.export', { outputPath: cli.path(output), force }, { signal: cli.signal });
      cli.result(written, () => `Wrote ${written.entries} entries to ${output}`);
    }));
}
