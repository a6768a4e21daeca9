// millwright keys list | rotate | move | export | backup | restore
import { Option, type Command } from 'commander';
import type { KeyInfo } from '#shared/contract/keys';
import { minPasswordLength, type Credential } from '#shared/contract/people';
import { AppError } from '#shared/errors';
import { askPasswords, type Asked } from '../askPasswords.ts';
import type { CliContext } from '../CliContext.ts';
import { passwordOf, whoActs } from '../whoActs.ts';

interface WhoOptions { readonly user?: string; readonly signer?: string; readonly passwordStdin: boolean }

const line = ({ keyId, state, from, until }: KeyInfo) => `${keyId}  ${state}${from === null ? '' : `, from ${from}`}${until === null ? '' : `, until ${until}`}`;

/** Where the private key is, and what that is worth. */
function keeperSentence(all: readonly KeyInfo[]): string {
  const current = all.find(({ state }) => state === 'current');
  switch (current?.keptIn) {
    case 'os-store': return 'The private key is encrypted; what opens it is in the key store of the operating system, so that a copy of the data folder does not sign.';
    case 'file': return `The private key is a file that only this user of the system can read, in the folder keys of the data folder (mode 600)${current.keptWhy === null ? '.' : `, because ${current.keptWhy}`} To keep it in the key store of the operating system: millwright keys move --to os-store`;
    default: return 'There is no readable signing key: restore it from its backup with millwright keys restore.';
  }
}

export function registerKeys(program: Command, cli: CliContext): void {
  const keys = program.command('keys').description('the key that signs evidence and the audit trail: which, rotate it, back it up')
    .addHelpText('after', '\nExamples:\n  millwright keys list\n  millwright keys rotate --reason "Yearly change" --user ada\n  millwright keys move --to os-store --user ada      into the key store of the operating system; --to file for the way back\n  millwright keys export -o plant-keys.pem          public keys, for others to put into keys/trusted\n  millwright keys backup -o key-backup.pem --user ada\n\nAn Admin does it, with the password; --signer NAME where there are no users. With --password-stdin the password is read from stdin, then the passphrase.');
  const who = (command: Command) => command.addOption(new Option('--user <user>', 'the Admin who does it')).addOption(new Option('--signer <name>', 'printed name of who does it, where there are no users'))
    .addOption(new Option('--password-stdin', 'read password and passphrase from stdin, one a line, instead of asking on the terminal').default(false));
  /** One reading of stdin for both. */
  const whoWithPassphrase = async ({ user, signer, passwordStdin }: WhoOptions, passphrase: Asked): Promise<{ readonly who: { readonly signer?: string; readonly by?: Credential }; readonly passphrase: string }> => {
    if ((user === undefined) === (signer === undefined)) throw new AppError('BAD_USAGE', 'Say who does it: --user NAME, or --signer NAME where there are no users.');
    const answers = await askPasswords([...(user === undefined ? [] : [passwordOf(user)]), passphrase], { fromStdin: passwordStdin, signal: cli.signal });
    return { who: user === undefined ? { signer: signer ?? '' } : { by: { user, password: answers[0] ?? '' } }, passphrase: answers.at(-1) ?? '' };
  };

  keys.command('list').description('the present key, those that it followed, and those of others that are trusted')
    .action(cli.action(async () => {
      const all = await cli.call('keys.list', {}, { signal: cli.signal });
      cli.result(all, () => [
        cli.table(['KEY', 'STATE', 'KEPT IN', 'FROM', 'UNTIL', 'WHY'], all.map(({ keyId, state, keptIn, from, until, reason }) => [keyId, state, keptIn ?? '', from ?? '', until ?? '', reason ?? ''])),
        keeperSentence(all),
      ].join('\n'));
    }));

  who(keys.command('rotate').description('make a new key, signed by the present one, which is retired; old evidence stays valid').requiredOption('--reason <text>', 'why; it stands in the audit trail'))
    .action(cli.action(async ({ reason, ...options }: WhoOptions & { readonly reason: string }) => {
      const key = await cli.call('keys.rotate', { reason, ...await whoActs(cli, options, 'rotates the key') }, { signal: cli.signal });
      cli.result(key, () => `The key is now ${line(key)}\nGive its id to those who verify your evidence: millwright keys export`);
    }));

  who(keys.command('move').description('keep the same key elsewhere: a file of the data folder, or the key store of the operating system').addOption(new Option('--to <keeper>', 'where to').choices(['file', 'os-store']).makeOptionMandatory()))
    .action(cli.action(async ({ to, ...options }: WhoOptions & { readonly to: 'file' | 'os-store' }) => {
      const key = await cli.call('keys.move', { to, ...await whoActs(cli, options, 'moves the key') }, { signal: cli.signal });
      cli.result(key, () => `${line(key)}\n${keeperSentence([key])}`);
    }));

  keys.command('export').description('write the public keys of this installation, with their times and the signed rotations').option('-o, --output <file>', 'where to', 'millwright-keys.pem').option('--force', 'replace an existing file', false)
    .action(cli.action(async ({ output, force }: { output: string; force: boolean }) => {
      const written = await cli.call('keys.export', { outputPath: cli.path(output), force }, { signal: cli.signal });
      cli.result(written, () => `Wrote ${written.keys} public ${written.keys === 1 ? 'key' : 'keys'} to ${output}`);
    }));

  who(keys.command('backup').description('write the private key, encrypted with a passphrase (PKCS#8)').requiredOption('-o, --output <file>', 'where to').option('--force', 'replace an existing file', false))
    .action(cli.action(async ({ output, force, ...options }: WhoOptions & { readonly output: string; readonly force: boolean }) => {
      const asked = await whoWithPassphrase(options, { what: `Passphrase of the backup (${minPasswordLength} characters or more)`, isNew: true });
      const written = await cli.call('keys.backup', { outputPath: cli.path(output), force, passphrase: asked.passphrase, ...asked.who }, { signal: cli.signal });
      cli.result(written, () => `Wrote the key ${written.keyId}, encrypted, to ${output}. Keep file and passphrase in two places.`);
    }));

  who(keys.command('restore <file>').description('put the private key back from its backup, or let that key take the place of the present one').requiredOption('--reason <text>', 'why; it stands in the audit trail'))
    .action(cli.action(async (file: string, { reason, ...options }: WhoOptions & { readonly reason: string }) => {
      const asked = await whoWithPassphrase(options, { what: 'Passphrase of the backup' });
      const key = await cli.call('keys.restore', { path: cli.path(file), reason, passphrase: asked.passphrase, ...asked.who }, { signal: cli.signal });
      cli.result(key, () => `The key is now ${line(key)}\n${keeperSentence([key])}`);
    }));
}
