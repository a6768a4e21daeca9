// Reads how to serve from a container's arguments and environment; the platforms' own variables are understood.
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { AppError } from '#shared/errors';
import { usableCores } from '#services/inference/usableCores';
import { servingProviders, type ServingProvider } from './ServingProvider.ts';
import { folderSource } from './repository/ModelSource.ts';
import { serveDefaults, tlsFilesOf, type ServeOptions } from './ServeOptions.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const flags = {
  'model-dir': { type: 'string' }, 'model-name': { type: 'string' }, host: { type: 'string' }, 'http-port': { type: 'string' }, port: { type: 'string' }, 'grpc-port': { type: 'string' },
  provider: { type: 'string' }, 'max-batch': { type: 'string' }, 'max-delay-ms': { type: 'string' }, instances: { type: 'string' }, threads: { type: 'string' }, 'max-queue': { type: 'string' }, 'max-body-bytes': { type: 'string' }, 'drain-delay-ms': { type: 'string' }, 'log-requests': { type: 'boolean' }, 'tls-cert': { type: 'string' }, 'tls-key': { type: 'string' }, 'tls-client-ca': { type: 'string' },
} as const;

function numberOf(name: string, text: string | undefined, fallback: number, min: number, max: number): number {
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isFinite(value) || value < min || value > max || (!Number.isInteger(value) && !name.endsWith('ms'))) throw new AppError('BAD_USAGE', `${name} is "${text}", and must be a number from ${min} to ${max}.`);
  return value;
}

/** `--grpc-port -1`: the parser takes -1 for an option of its own. */
const joinNegative = (args: readonly string[]): string[] => args.flatMap((arg, index) => (/^-\d/.test(arg) && args[index - 1]?.startsWith('--') ? [] : [/^-\d/.test(args[index + 1] ?? '') && arg.startsWith('--') ? `${arg}=${args[index + 1]}` : arg]));

/** Null where it is not named. */
const portOf = (env: Environment, name: string): number | null => (env[name] ? numberOf(name, env[name], 0, 0, 65_535) : null);

function providerOf(text: string = serveDefaults.provider): ServingProvider {
  const provider = servingProviders.find((one) => one === text);
  if (!provider) throw new AppError('BAD_USAGE', `provider is "${text.slice(0, 40)}", and must be ${servingProviders.join(' or ')}.`);
  return provider;
}

/** Where platforms mount models, first existing wins. */
export function modelDirOf(env: Environment, exists: (path: string) => boolean = existsSync): string {
  const places = [env['MODEL_DIR'], '/mnt/models', '/opt/ml/model', env['AZUREML_MODEL_DIR'], '/models'];
  return places.find((path): path is string => path !== undefined && path !== '' && exists(path)) ?? env['MODEL_DIR'] ?? '/models';
}

/** @throws BAD_USAGE that names the option. */
export function readServeOptions(args: readonly string[], env: Environment, exists?: (path: string) => boolean): ServeOptions {
  let values;
  try {
    ({ values } = parseArgs({ args: joinNegative(args), options: flags, strict: true, allowPositionals: false }));
  } catch (error) {
    throw new AppError('BAD_USAGE', `${error instanceof Error ? error.message.split(/\.?\n|\. /)[0] : String(error)}.`, { hint: `Known are ${Object.keys(flags).map((name) => `--${name}`).join(' ')}.` });
  }
  const value = (flag: keyof typeof values, ...names: readonly string[]) => { const given = values[flag]; return typeof given === 'string' ? given : names.map((name) => env[name]).find((text) => text !== undefined && text !== ''); };
  const multiModel = env['SAGEMAKER_MULTI_MODEL'] === 'true';
  const endpoint = env['AIP_ENDPOINT_ID'], deployed = env['AIP_DEPLOYED_MODEL_ID'];
  const vertexRoute = endpoint !== undefined && deployed !== undefined ? `/v1/endpoints/${endpoint}/deployedModels/${deployed}` : null;
  const instances = numberOf('instances', value('instances', 'INSTANCES'), serveDefaults.instances, 1, 64);
  const grpc = numberOf('grpc-port', value('grpc-port', 'GRPC_PORT'), 8081, -1, 65_535);
  const sealedPort = portOf(env, 'SEALED_PORT');
  const apiKey = env['API_KEY'] === undefined || env['API_KEY'] === '' ? null : env['API_KEY'];
  if (sealedPort !== null && apiKey === null) throw new AppError('BAD_USAGE', 'SEALED_PORT was given, but no API_KEY that its connections could be sealed with.');
  return {
    ...serveDefaults, multiModel, apiKey,
    sealed: sealedPort === null ? null : { host: env['SEALED_HOST'] ?? '0.0.0.0', port: sealedPort, grpcPort: portOf(env, 'SEALED_GRPC_PORT') },
    source: folderSource(value('model-dir') ?? modelDirOf(env, exists), value('model-name', 'MODEL_NAME') ?? 'model'),
    host: value('host', 'HOST') ?? '0.0.0.0',
    port: numberOf('port', values['http-port'] ?? values.port ?? ['AIP_HTTP_PORT', 'SAGEMAKER_BIND_TO_PORT', 'PORT', 'HTTP_PORT'].map((name) => env[name]).find((text) => text !== undefined && text !== ''), 8080, 0, 65_535),
    grpcPort: grpc === -1 ? null : grpc,
    maxBatch: numberOf('max-batch', value('max-batch', 'MAX_BATCH'), serveDefaults.maxBatch, 1, 4096),
    maxDelayMs: numberOf('max-delay-ms', value('max-delay-ms', 'MAX_DELAY_MS'), serveDefaults.maxDelayMs, 0, 10_000),
    instances, threads: numberOf('threads', value('threads', 'THREADS'), Math.max(1, Math.floor(usableCores() / instances)), 1, 256),
    maxQueue: numberOf('max-queue', value('max-queue', 'MAX_QUEUE'), serveDefaults.maxQueue, 1, 100_000),
    maxBodyBytes: numberOf('max-body-bytes', value('max-body-bytes', 'MAX_BODY_BYTES'), serveDefaults.maxBodyBytes, 1, 4 * 1024 ** 3),
    drainDelayMs: numberOf('drain-delay-ms', value('drain-delay-ms', 'DRAIN_DELAY_MS'), serveDefaults.drainDelayMs, 0, 20_000),
    provider: providerOf(value('provider', 'PROVIDER')),
    tls: tlsFilesOf({ cert: value('tls-cert', 'TLS_CERT'), key: value('tls-key', 'TLS_KEY'), clientCa: value('tls-client-ca', 'TLS_CLIENT_CA') }),
    logRequests: values['log-requests'] === true || env['LOG_REQUESTS'] === 'true',
    healthRoute: env['AIP_HEALTH_ROUTE'] ?? vertexRoute, predictRoute: env['AIP_PREDICT_ROUTE'] ?? (vertexRoute === null ? null : `${vertexRoute}:predict`),
  };
}
