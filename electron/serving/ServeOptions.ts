// Everything that decides how the runtime serves; read from the command line, or from a container's environment and arguments.
import { AppError } from '#shared/errors';
import type { TlsPaths } from '#services/files/tlsFiles';
import type { ServingProvider } from './ServingProvider.ts';
import type { ModelSource } from './repository/ModelSource.ts';


export interface ServeOptions {
  readonly source: ModelSource;
  readonly host: string;
  readonly port: number;
  /** Null where gRPC is not served. */
  readonly grpcPort: number | null;
  readonly maxBatch: number;
  readonly maxDelayMs: number;
  readonly instances: number;
  /** Threads of the runtime within one execution of one instance. */
  readonly threads: number;
  /** Requests that may wait for a model. */
  readonly maxQueue: number;
  readonly maxBodyBytes: number;
  /** Bytes of all requests that are being read or wait. */
  readonly maxPendingBytes: number;
  /** Where models run; what it lacks for that is in the log, and the processor takes its place. */
  readonly provider: ServingProvider;
  readonly warmUp: boolean;
  /** Between "not ready" and the end of listening, so that balancers look elsewhere first. */
  readonly drainDelayMs: number;
  /** What is in flight may take so long; then the process ends with code 1. */
  readonly drainTimeoutMs: number;
  /** Callers must send it as bearer token; null leaves the doors open. */
  readonly apiKey: string | null;
  /** Null serves without encryption. */
  readonly tls: TlsPaths | null;
  /** Doors for a gateway on another host, which shows and is shown the `apiKey`; null where there are none. */
  readonly sealed: { readonly host: string; readonly port: number; readonly grpcPort: number | null } | null;
  readonly logRequests: boolean;
  /** Platforms that name their routes in the environment. */
  readonly healthRoute: string | null;
  readonly predictRoute: string | null;
  /** Models come and go by the platform's own interface; none is loaded at the start. */
  readonly multiModel: boolean;
}

export const serveDefaults = {
  maxBatch: 1, maxDelayMs: 0, instances: 1, maxQueue: 256, maxBodyBytes: 256 * 1024 * 1024, maxPendingBytes: 1024 * 1024 * 1024, provider: 'cpu', warmUp: true, drainDelayMs: 1000, drainTimeoutMs: 25_000, apiKey: null, tls: null, sealed: null, logRequests: false, healthRoute: null, predictRoute: null, multiModel: false,
} as const satisfies Partial<ServeOptions>;

/** Null where no certificate is named. @throws BAD_USAGE where one of the files is missing. */
export function tlsFilesOf({ cert, key, clientCa }: { readonly cert?: string | undefined; readonly key?: string | undefined; readonly clientCa?: string | undefined }): TlsPaths | null {
  if (cert !== undefined && key !== undefined) return { certPath: cert, keyPath: key, clientCaPath: clientCa ?? null };
  if (cert === undefined && key === undefined && clientCa === undefined) return null;
  throw new AppError('BAD_USAGE', 'TLS needs both a certificate and its key.', { hint: 'Name both: --tls-cert FILE --tls-key FILE; --tls-client-ca FILE is for client certificates on top.' });
}
