// millwright evidence attach | detach
import { Option, type Command } from 'commander';
import type { OutputOf } from '#shared/contract/index';
import type { CliContext } from '../CliContext.ts';
import { reasonOption, type ReasonOption } from '../reasonOption.ts';

interface Target extends ReasonOption { readonly output?: string; readonly force: boolean }

/** `id:ABC` or an id names a report of the data folder, all else is a package. */
const reportOf = (cli: CliContext, text: string) => (/^(?:id:)?evidence-[\da-f]{12}$/.test(text) ? { id: text.replace(/^id:/, '') } : { path: cli.path(text) });
const targetOf = (cli: CliContext, { output, force, reason }: Target) => ({ ...(output === undefined ? {} : { outputDir: cli.path(output) }), force, ...(reason === undefined ? {} : { reason }) });

function told(cli: CliContext, { attachments, reportSha256, zip }: OutputOf<'evidence.attach'>): string {
  return [
    attachments.length === 0 ? 'Nothing is attached any more.' : cli.table(['FILE', 'CAPTION', 'BYTES', 'SHA-256'], attachments.map(({ name, caption, sizeBytes, sha256 }) => [name, caption, sizeBytes, sha256.slice(0, 16)])),
    `The next revision, report hash ${reportSha256}, lies at ${zip}`,
  ].join('\n');
}

export function registerAttachments(evidence: Command, cli: CliContext): void {
  const target = (command: Command) => command.addOption(reasonOption()).addOption(new Option('-o, --output <dir>', 'folder of the new revision (else one in the data folder)')).option('--force', 'overwrite files that are there', false);

  target(evidence.command('attach <report> <files...>').description('put photos, PDFs or text to a report that is still a draft: Annex D of its next revision'))
    .option('--caption <text>', 'what they show')
    .action(cli.action(async (report: string, files: string[], options: Target & { caption?: string }) => {
      const output = await cli.runJob('evidence.attach', { ...reportOf(cli, report), files: files.map((path) => ({ path: cli.path(path), ...(options.caption === undefined ? {} : { caption: options.caption }) })), ...targetOf(cli, options) });
      cli.result(output, () => told(cli, output));
    }));

  target(evidence.command('detach <report> <attachments...>').description('take attached files off a draft, by name or the beginning of their SHA-256'))
    .action(cli.action(async (report: string, attachments: string[], options: Target) => {
      const output = await cli.runJob('evidence.detach', { ...reportOf(cli, report), attachments, ...targetOf(cli, options) });
      cli.result(output, () => told(cli, output));
    }));
}
