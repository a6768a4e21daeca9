// millwright serve: the serving runtime in this process, for models given as files.
import { join } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { AppError } from '#shared/errors';
import { untilAborted } from '#host/untilAborted';
import { createLog } from '#serving/log';
import { usableCores } from '#services/inference/usableCores';
import { fileSource } from '#serving/repository/ModelSource';
import { serveDefaults, tlsFilesOf } from '#serving/ServeOptions';
import { startServing } from '#serving/startServing';
import type { CliContext } from '../CliContext.ts';

interface ServeFlags { readonly host: string; readonly port: number; readonly grpcPort: number; readonly maxBatch: number; readonly maxDelayMs: number; readonly instances: number; readonly threads?: number; readonly logRequests?: boolean; readonly tlsCert?: string; readonly tlsKey?: string; readonly tlsClientCa?: string }

const numberFrom = (min: number, max: number) => (text: string): number => {
  const value = Number(text);
  if (!/^-?\d+(\.\d+)?$/.test(text) || value < min || value > max) throw new InvalidArgumentError(`It is a number from ${min} to ${max}.`);
  return value;
};

export function registerServe(program: Command, cli: CliContext): void {
  program.command('serve <files...>').description('serve ONNX models over the Open Inference Protocol, REST and gRPC')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <n>', 'port for HTTP; 0 takes any free one', numberFrom(0, 65_535), 8080)
    .option('--grpc-port <n>', 'port for gRPC; 0 takes any free one, -1 switches it off', numberFrom(-1, 65_535), 8081)
    .option('--max-batch <n>', 'run up to so many samples together; 1 switches batching off', numberFrom(1, 4096), serveDefaults.maxBatch)
    .option('--max-delay-ms <ms>', 'how long a request may wait for others to run with', numberFrom(0, 10_000), serveDefaults.maxDelayMs)
    .option('--instances <n>', 'sessions of each model that run side by side', numberFrom(1, 64), serveDefaults.instances)
    .option('--threads <n>', 'threads of the runtime within one execution', numberFrom(1, 256))
    .option('--tls-cert <file>', 'certificate (PEM): HTTPS and gRPC over TLS')
    .option('--tls-key <file>', 'its private key (PEM)')
    .option('--tls-client-ca <file>', 'clients must show a certificate that this authority (PEM) has signed; health over HTTPS stays open')
    .option('--log-requests', 'log every request')
    .addHelpText('after', '\nThe environment variable API_KEY makes callers show it as bearer token.\n\nExamples:\n  $ millwright serve net.onnx\n  $ millwright serve a.onnx b.onnx --port 9000 --grpc-port 9001 --max-batch 8 --max-delay-ms 2')
    .action(cli.action(async (files: string[], flags: ServeFlags) => {
      const log = createLog((line) => cli.note(line.trimEnd()));
      const key = process.env['API_KEY'];
      const path = (file: string | undefined) => (file === undefined ? undefined : cli.path(file));
      const tls = tlsFilesOf({ cert: path(flags.tlsCert), key: path(flags.tlsKey), clientCa: path(flags.tlsClientCa) });
      const serving = await startServing({
        ...serveDefaults, tls, source: fileSource(files.map((file) => cli.path(file))), host: flags.host, port: flags.port, grpcPort: flags.grpcPort === -1 ? null : flags.grpcPort, maxBatch: flags.maxBatch, maxDelayMs: flags.maxDelayMs,
        instances: flags.instances, threads: flags.threads ?? Math.max(1, Math.floor(usableCores() / flags.instances)), apiKey: key === undefined || key === '' ? null : key, logRequests: flags.logRequests === true, drainDelayMs: 0,
      }, join(__dirname, 'serving.cjs'), log);
      try {
        await serving.loaded;
        const models = serving.context.registry.versions().map(({ name, version, state, reason }) => ({ name, version, state, reason }));
        const broken = models.find(({ state }) => state !== 'READY');
        if (broken) throw new AppError('MODEL_UNSUPPORTED', `${broken.name} cannot be served: ${broken.reason}`);
        const address = `${tls ? 'https' : 'http'}://${flags.host.includes(':') ? `[${flags.host}]` : flags.host}:${serving.port}`;
        cli.result({ address, port: serving.port, grpcPort: serving.grpcPort, models }, () => [
          ...models.map(({ name }) => `${name} is at ${address}/v2/models/${encodeURIComponent(name)}/infer`), ...(serving.grpcPort === null ? [] : [`gRPC is on port ${serving.grpcPort}.`]), 'Press Ctrl-C to end it.',
        ].join('\n'));
        await untilAborted(cli.signal);
      } finally {
        await serving.close();
      }
    }));
}
