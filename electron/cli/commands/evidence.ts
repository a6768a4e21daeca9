// millwright evidence verify | sign | attach | show
import { Option, type Command } from 'commander';
import type { Verification } from '#shared/contract/evidence';
import type { CliContext } from '../CliContext.ts';
import { whoActs } from '../whoActs.ts';
import { registerAttachments } from './attachments.ts';
import { registerEvidenceStale } from './staleness.ts';

const findingLines = (cli: CliContext, findings: Verification['findings']) => findings.map(({ severity, place, message, remedy }) => {
  const word = severity === 'error' ? cli.style.red('error') : severity === 'warning' ? cli.style.yellow('warning') : severity;
  return `${word}: ${place}: ${message}${remedy === undefined ? '' : ` ${remedy}`}`;
});

function describe(cli: CliContext, path: string, verification: Verification): string {
  const { valid, files, knownKey, signatures, title, verdict, findings } = verification;
  return [
    valid ? `${cli.style.green('VALID')}  ${path}: unchanged since it was signed` : `${cli.style.red('NOT VALID')}  ${path}`,
    ...(title === null ? [] : [`${title}: ${verdict ?? 'no verdict'}`]),
    `${files} files${valid ? `, ${knownKey ? 'every key is known here' : cli.style.yellow('signed with a key that is not known here')}` : ''}`,
    ...(signatures.length > 0 ? [cli.table(['MEANING', 'SIGNER', 'ROLE', 'NAME', 'TIME', 'KEY'], signatures.map(({ meaning, signer, role, authenticated, signedAt, keyId }) => [meaning, signer, role ?? '', authenticated === true ? 'authenticated' : 'not authenticated', signedAt, keyId]))] : []),
    ...findingLines(cli, findings),
  ].join('\n');
}

export function registerEvidence(program: Command, cli: CliContext): void {
  const evidence = program.command('evidence').description('evidence packages: verify, sign, attach to and show them')
    .addHelpText('after', '\nExamples:\n  millwright evidence verify out/evidence.zip\n  millwright evidence sign out/evidence.zip --user eva --meaning reviewed\n  millwright evidence sign out/evidence.zip --signer "Eva Lang" --meaning reviewed     (where there are no users)\n  millwright evidence show out/evidence.zip --json');

  evidence.command('verify <file>').description('check every byte of a package; needs only the file; exit 1 when it was changed')
    .action(cli.action(async (file: string) => {
      const verification = await cli.call('evidence.verify', { path: cli.path(file) }, { signal: cli.signal });
      cli.result(verification, () => describe(cli, file, verification), verification.valid ? 0 : 1);
    }));

  evidence.command('sign <file>').description('add a signature; earlier ones stay valid')
    .option('--user <user>', 'user who signs; the password is asked for, printed name and role come from the user')
    .option('--password-stdin', 'read the password from stdin instead of asking on the terminal', false)
    .option('--signer <name>', 'printed name of who signs, where there are no users; the signature says that it was not authenticated')
    .option('--role <role>', 'role of who signs, with --signer')
    .addOption(new Option('--meaning <meaning>', 'what the signature says').choices(['prepared', 'reviewed', 'approved']).default('reviewed'))
    .action(cli.action(async (file: string, { user, passwordStdin, signer, role, meaning }: { user?: string; passwordStdin: boolean; signer?: string; role?: string; meaning: 'prepared' | 'reviewed' | 'approved' }) => {
      const who = await whoActs(cli, { user, signer, passwordStdin }, 'signs');
      const verification = await cli.call('evidence.sign', { path: cli.path(file), ...who, meaning, ...(role === undefined ? {} : { role }) }, { signal: cli.signal });
      cli.result(verification, () => describe(cli, file, verification), verification.valid ? 0 : 1);
    }));

  registerEvidenceStale(evidence, cli);
  registerAttachments(evidence, cli);

  evidence.command('show <file>').description('what a package holds: verdict, limits, sections, files, signatures')
    .action(cli.action(async (file: string) => {
      const detail = await cli.call('evidence.show', { path: cli.path(file) }, { signal: cli.signal });
      const { verification, report, contents } = detail;
      cli.result(detail, () => [
        describe(cli, file, verification),
        ...(report === null ? [] : [
          '', `Report ${report.id}, revision ${report.revision}, ${report.takenAt}, attempt ${report.attempt}${report.exploratory ? ', EXPLORATORY' : ''}`,
          `Model ${report.modelSha256}`, `Report hash ${report.reportSha256}`,
          '', cli.table(['LIMIT', 'METRIC', 'REQUIRED', 'MEASURED', 'VERDICT'], report.limits.map((limit) => [limit.id, limit.metric, limit.limit, limit.value === null ? 'not measured' : String(limit.value), limit.verdict])),
          '', cli.table(['SECTION', 'TITLE', 'CONTENT'], report.sections.map((section) => [section.number, section.title, section.performed ? 'yes' : `NOT PERFORMED: ${section.reason ?? ''}`])),
        ]),
        ...(report === null || report.attachments.length === 0 ? [] : ['', cli.table(['ATTACHED', 'CAPTION', 'BY', 'AT', 'IN THE PACKAGE'], report.attachments.map((one) => [one.name, one.caption, one.addedBy, one.addedAt, one.file]))]),
        '', cli.table(['FILE', 'BYTES', 'SHA-256'], contents.map((entry) => [entry.name, entry.sizeBytes, entry.sha256])),
      ].join('\n'), verification.valid ? 0 : 1);
    }));
}
