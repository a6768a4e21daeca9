// millwright ui: the console in a browser on this machine.
import { join } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { untilAborted } from '#host/untilAborted';
import { serveConsole } from '#host/http/serveConsole';
import type { CliContext } from '../CliContext.ts';

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return port;
}

export function registerUi(program: Command, cli: CliContext): void {
  program.command('ui').description('serve the console on loopback and print its address')
    .option('--port <n>', 'port to listen on; 0 takes any free one', parsePort, 0)
    .addHelpText('after', '\nExamples:\n  $ millwright ui\n  $ millwright ui --port 4100 --data-dir /srv/millwright')
    .action(cli.action(async ({ port }: { port: number }) => {
      const served = await serveConsole({ host: cli.host(), pageDir: join(__dirname, 'page'), port });
      cli.result({ address: served.address, port: served.port }, `Millwright is at ${served.address}\nPress Ctrl-C to end it.`);
      // A pending promise keeps no process alive; the listening server does.
      await untilAborted(cli.signal);
      await served.close();
    }));
}
