// Entry of the command line: the global options, the commands, and the exit code.
import './early.ts';
import { join, resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import { AppError } from '#shared/errors';
import { createHost } from '#host/createHost';
import { versions } from '#host/versions';
import { nodeWorkerLauncher } from '#services/workers/nodeWorkerLauncher';
import { commandTable } from './commandTable.ts';
import { createCli, type GlobalOptions } from './createCli.ts';
import { dataDirOf, isDefaultDataDir } from './dataDir.ts';
import { stderrLog } from './stderrLog.ts';

/** Asking for help or the version is no error. */
const isFriendly = (error: unknown) => error instanceof CommanderError && error.exitCode === 0;

function describeUsage(error: CommanderError): AppError {
  if (error.code === 'commander.help') return new AppError('BAD_USAGE', 'The command is not complete.');
  return new AppError('BAD_USAGE', `${error.message.replace(/^error: /, '').replace(/\s+/g, ' ').replace(/^./, (first) => first.toUpperCase()).replace(/\.?$/, '.')}`, error.message.includes('Did you mean') ? { hint: 'Run the command with --help to see all.' } : {});
}

interface EngineOptions { readonly engineHost?: string; readonly engineCerts?: string }
/** Whatever looks for the engine finds it in the environment, also in processes that this one starts. */
function nameEngine({ engineHost, engineCerts }: EngineOptions, env: NodeJS.ProcessEnv): void {
  if (engineHost !== undefined) { env['MILLWRIGHT_ENGINE_HOST'] = engineHost; delete env['MILLWRIGHT_ENGINE_CERTS']; }
  if (engineCerts !== undefined) env['MILLWRIGHT_ENGINE_CERTS'] = resolve(engineCerts);
}

async function main(argv: readonly string[]): Promise<number> {
  process.env['ORT_DISABLE_TELEMETRY'] = '1';
  const distDir = __dirname; // only runs bundled, in dist/
  const program = new Command('millwright');
  // The options as given anywhere on the line, also before commander has read it: errors of usage must come as JSON too.
  const early: GlobalOptions = { json: argv.includes('--json'), ndjson: argv.includes('--ndjson'), color: !argv.includes('--no-color') };
  let options: () => GlobalOptions = () => early;
  const cli = createCli({
    options: () => options(), stdout: process.stdout, stderr: process.stderr, env: process.env,
    openHost: (stays) => createHost({
      dataDir: dataDirOf(options().dataDir, process.env), resourcesDir: process.env['MILLWRIGHT_RESOURCES'] ?? join(distDir, '..', 'resources'), programDir: distDir,
      workers: nodeWorkerLauncher({ entry: join(distDir, 'worker.cjs') }), shell: stays ? 'browser' : 'cli', newKeysIn: isDefaultDataDir(options().dataDir, process.env) ? 'os-store' : 'file', log: stderrLog(process.stderr, options().verbose === true || Boolean(process.env['MILLWRIGHT_DEBUG'])),
    }),
  });
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? cli.unreadExitCode() : 4));
  process.stderr.on('error', () => undefined); // that nobody reads the progress ends no work
  program
    .description('Commissions AI models on the factory floor: check the machine, quantize, validate, benchmark and prove, offline.')
    .version(versions.app, '-V, --version', 'print the version')
    .option('--json', 'print exactly one JSON document on stdout')
    .option('--ndjson', 'stream events as JSON lines on stdout')
    .option('--data-dir <dir>', 'folder of models, history and keys (else MILLWRIGHT_DATA, else the app-data folder)')
    .option('--engine-host <url>', 'container engine: unix:///PATH, tcp://HOST:PORT, ssh://USER@HOST (else MILLWRIGHT_ENGINE_HOST, DOCKER_HOST, the Docker context, the usual sockets)')
    .option('--engine-certs <dir>', 'folder with ca.pem, cert.pem and key.pem for an engine over TLS (else MILLWRIGHT_ENGINE_CERTS)')
    .option('--no-color', 'no colours')
    .option('--verbose', 'print the log on stderr')
    .hook('preAction', () => { nameEngine(program.opts<EngineOptions>(), process.env); })
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: () => undefined })
    .exitOverride()
    .showSuggestionAfterError(true)
    .addHelpText('after', `
Examples:
  $ millwright commission                                       the whole main job on the bundled sample station
  $ millwright machine                                          is this machine fit to commission on?
  $ millwright commission model.onnx --data test/ -o out        the whole main job on your model and data
  $ millwright quantize model.onnx -o model.int8.onnx --calibration images/
  $ millwright evidence verify out/evidence.zip --json`);
  for (const register of commandTable) register(program, cli);
  const inherit = (command: Command): void => {
    for (const child of command.commands) {
      child.exitOverride().configureOutput({ outputError: () => undefined }).configureHelp({ showGlobalOptions: true, ...child.configureHelp() });
      inherit(child);
    }
  };
  inherit(program);
  options = () => ({ ...early, ...program.opts<GlobalOptions>() });
  try {
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!isFriendly(error)) cli.fail(error instanceof CommanderError ? describeUsage(error) : error);
  }
  await cli.close().catch((error: unknown) => { if (cli.exitCode() === 0) cli.fail(error); }); // a disk that is full has been told already
  return cli.exitCode();
}

/** Leaves after stdout has taken everything: a pipe may still be full. */
function leave(code: number): void {
  process.exitCode = code;
  const flushed = new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
  void flushed.then(() => process.exit(code));
}

void main(process.argv.slice(2)).then(leave, (error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack ?? error.message : String(error)}\n`);
  leave(4);
});
