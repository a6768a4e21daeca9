// Whose name an act bears, as told on the command line: a user, whose password is asked for, or a typed name where there are no users.
import type { Credential } from '#shared/contract/people';
import { AppError } from '#shared/errors';
import { askPasswords } from './askPasswords.ts';
import type { CliContext } from './CliContext.ts';

export const passwordOf = (user: string) => ({ what: `Password of ${user}` });

export async function credentialOf(cli: Pick<CliContext, 'signal'>, user: string, fromStdin: boolean): Promise<Credential> {
  const [password = ''] = await askPasswords([passwordOf(user)], { fromStdin, signal: cli.signal });
  return { user, password };
}

/** @param act in words: who "signs" @throws BAD_USAGE where neither or both are named */
export async function whoActs(cli: Pick<CliContext, 'signal'>, { user, signer, passwordStdin }: { readonly user?: string | undefined; readonly signer?: string | undefined; readonly passwordStdin: boolean }, act: string): Promise<{ readonly signer?: string; readonly by?: Credential }> {
  if ((user === undefined) === (signer === undefined)) throw new AppError('BAD_USAGE', `Say who ${act}: --user NAME, or --signer NAME where there are no users.`);
  return user === undefined ? { signer: signer ?? '' } : { by: await credentialOf(cli, user, passwordStdin) };
}
