// millwright user list | add | password | role | disable | enable
import { Option, type Command } from 'commander';
import { minPasswordLength, roles, type Credential, type Role, type User } from '#shared/contract/people';
import { AppError } from '#shared/errors';
import { askPasswords, type Asked } from '../askPasswords.ts';
import type { CliContext } from '../CliContext.ts';
import { reasonOption, type ReasonOption } from '../reasonOption.ts';
import { passwordOf } from '../whoActs.ts';

interface WhoOptions { readonly as?: string; readonly passwordStdin: boolean }
type ActOptions = WhoOptions & ReasonOption;

const stateOf = ({ disabledAt, lockedUntil }: User) => (disabledAt !== null ? `disabled since ${disabledAt}` : lockedUntil !== null ? `locked until ${lockedUntil}` : 'active');
const line = (user: User) => `${user.user}  ${user.printedName}, ${user.role}, ${stateOf(user)}`;
const stdinOption = () => new Option('--password-stdin', 'read the passwords from stdin, one a line, instead of asking on the terminal').default(false);
const asOption = () => new Option('--as <admin>', 'the Admin who does it');

export function registerPeople(program: Command, cli: CliContext): void {
  const ask = (asked: readonly Asked[], { passwordStdin }: Pick<WhoOptions, 'passwordStdin'>) => askPasswords(asked, { fromStdin: passwordStdin, signal: cli.signal });
  const newPasswordOf = (user: string): Asked => ({ what: `New password of ${user} (${minPasswordLength} characters or more)`, isNew: true });
  const adminOf = ({ as }: WhoOptions): string => {
    if (as === undefined) throw new AppError('BAD_USAGE', 'Only an Admin may do this: say which one with --as NAME.');
    return as;
  };
  const credential = async (user: string, options: WhoOptions): Promise<Credential> => {
    const [password = ''] = await ask([passwordOf(user)], options);
    return { user, password };
  };

  const user = program.command('user').description('people who sign: their roles and passwords')
    .addHelpText('after', '\nExamples:\n  millwright user add ada --name "Ada Root" --role Admin\n  millwright user add eva --name "Eva Lang" --role Quality --as ada\n  millwright user password eva\n\nPasswords are asked for on the terminal. With --password-stdin they are read from stdin, one a line: first that of who does it, then the new one.');

  user.command('list').description('all users with role and state')
    .action(cli.action(async () => {
      const users = await cli.call('people.list', {}, { signal: cli.signal });
      cli.result(users, () => (users.length === 0 ? 'There are no users: signatures are not authenticated.' : cli.table(['USER', 'PRINTED NAME', 'ROLE', 'STATE', 'PASSWORD SET BY'], users.map((each) => [each.user, each.printedName, each.role, stateOf(each), each.passwordSetBy === 'self' ? 'the user' : 'an Admin']))));
    }));

  user.command('add <user>').description('add a user; the first one is an Admin, the others are added by one')
    .requiredOption('--name <name>', 'printed name, as it stands beside signatures')
    .addOption(new Option('--role <role>', 'what the user may do').choices(roles).makeOptionMandatory())
    .addOption(asOption()).addOption(stdinOption())
    .action(cli.action(async (name: string, options: WhoOptions & { readonly name: string; readonly role: Role }) => {
      const isFirst = (await cli.call('people.list', {}, { signal: cli.signal })).length === 0;
      const admin = isFirst ? null : adminOf(options);
      const passwords = await ask([...(admin === null ? [] : [passwordOf(admin)]), newPasswordOf(name)], options);
      const by = admin === null ? {} : { by: { user: admin, password: passwords[0] ?? '' } };
      const added = await cli.call('people.add', { user: name, printedName: options.name, role: options.role, password: passwords.at(-1) ?? '', ...by }, { signal: cli.signal });
      cli.result(added, () => `Added ${line(added)}`);
    }));

  user.command('password <user>').description('change a password: your own, or with --as that of another')
    .addOption(asOption()).addOption(stdinOption())
    .action(cli.action(async (name: string, options: WhoOptions) => {
      const actor = options.as ?? name;
      const [present = '', next = ''] = await ask([passwordOf(actor), newPasswordOf(name)], options);
      const changed = await cli.call('people.setPassword', { user: name, password: next, by: { user: actor, password: present } }, { signal: cli.signal });
      cli.result(changed, () => `Changed the password of ${line(changed)}`);
    }));

  user.command('role <user> <role>').description(`change what a user may do: ${roles.join(', ')}`)
    .addOption(asOption()).addOption(stdinOption()).addOption(reasonOption())
    .action(cli.action(async (name: string, role: string, options: ActOptions) => {
      const known = roles.find((each) => each.toLowerCase() === role.toLowerCase());
      if (known === undefined) throw new AppError('BAD_USAGE', `"${role}" is no role: ${roles.join(', ')}.`);
      const changed = await cli.call('people.change', { user: name, role: known, reason: options.reason, by: await credential(adminOf(options), options) }, { signal: cli.signal });
      cli.result(changed, () => `Changed ${line(changed)}`);
    }));

  for (const [word, disabled, description] of [['disable', true, 'keep a user from signing; the record and the signatures stay'], ['enable', false, 'let a disabled user sign again']] as const) {
    user.command(`${word} <user>`).description(description)
      .addOption(asOption()).addOption(stdinOption()).addOption(reasonOption())
      .action(cli.action(async (name: string, options: ActOptions) => {
        const changed = await cli.call('people.change', { user: name, disabled, reason: options.reason, by: await credential(adminOf(options), options) }, { signal: cli.signal });
        cli.result(changed, () => `Changed ${line(changed)}`);
      }));
  }
}
