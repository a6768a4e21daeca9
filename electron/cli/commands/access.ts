// Who may ask a station: keys of clients, and the certificate of its address.
import type { Command } from 'commander';
import { AppError } from '#shared/errors';
import type { CliContext } from '../CliContext.ts';
import { findStation } from '../findStation.ts';
import { reasonOption, type ReasonOption } from '../reasonOption.ts';
import { servingText } from './serving.ts';

interface DismissOptions extends ReasonOption { readonly all?: boolean }
interface EncryptOptions extends ReasonOption { readonly cert?: string; readonly key?: string; readonly clientCa?: string; readonly off?: boolean }

export function registerAccess(station: Command, cli: CliContext): void {
  station.command('admit <name> <client>').description('give a client a key; from the first one on, whoever has none is turned away').addOption(reasonOption())
    .addHelpText('after', `
The key is told this once. The client sends it with each request: the header "Authorization: Bearer KEY", over gRPC the metadata "authorization".
Health and figures (/v2/health/…, /metrics) need none. Without encryption a key can be read on the network: see station encrypt.

Examples:
  $ millwright station admit "Line 1" "camera PC"
  $ millwright station dismiss "Line 1" "camera PC"`)
    .action(cli.action(async (named: string, client: string, { reason }: ReasonOption) => {
      const { serving, ...made } = await cli.call('serving.admit', { stationId: (await findStation(cli, named)).id, client, reason }, { signal: cli.signal });
      cli.result({ ...made, serving }, () => [`${made.client} asks with this key, which is not told again:`, '', `  ${made.key}`, '', ...(serving.tls === null ? ['The address is not encrypted: on a network that others use, the key can be read. Encrypt it with a certificate: millwright station encrypt'] : [])].join('\n').trimEnd());
    }));
  station.command('dismiss <name> [client]').description('take the key of a client back, at once').option('--all', 'take all keys back: whoever reaches the address may ask again').addOption(reasonOption())
    .action(cli.action(async (named: string, client: string | undefined, { all = false, reason }: DismissOptions) => {
      if (all === (client !== undefined)) throw new AppError('BAD_USAGE', all ? '--all goes without a client.' : 'Which client?', { hint: 'Name the client, or say --all.' });
      const view = await cli.call('serving.dismiss', { stationId: (await findStation(cli, named)).id, client: client ?? null, reason }, { signal: cli.signal });
      cli.result(view, () => servingText(view, cli));
    }));
  station.command('encrypt <name>').description('encrypt the address with a certificate; give a new one before it expires, and no connection is lost')
    .option('--cert <file>', 'certificate, with those between it and its authority (PEM)').option('--key <file>', 'its private key, without a password (PEM)').option('--client-ca <file>', 'clients must show a certificate that this authority has signed (PEM)').option('--off', 'answer unencrypted again').addOption(reasonOption())
    .addHelpText('after', '\nFrom then on requests over http and unencrypted gRPC are turned away; health and figures answer both ways.\n\nExample:\n  $ millwright station encrypt "Line 1" --cert line1.pem --key line1.key')
    .action(cli.action(async (named: string, { cert, key, clientCa, off = false, reason }: EncryptOptions) => {
      if (off ? cert !== undefined || key !== undefined || clientCa !== undefined : cert === undefined || key === undefined) throw new AppError('BAD_USAGE', off ? '--off goes alone.' : 'A certificate needs its key.', { hint: 'Give --cert FILE and --key FILE, or --off.' });
      const tls = cert === undefined || key === undefined ? null : { certPath: cli.path(cert), keyPath: cli.path(key), clientCaPath: clientCa === undefined ? null : cli.path(clientCa) };
      const view = await cli.runJob('serving.encrypt', { stationId: (await findStation(cli, named)).id, tls, reason });
      cli.result(view, () => servingText(view, cli));
    }));
}
