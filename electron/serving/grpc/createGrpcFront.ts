// The gRPC server: the inference service with its extensions, and the health service. Messages with tensors pass through as bytes.
import { Server, type Metadata, ServerCredentials, type ServerDuplexStream, type ServerWritableStream, type ServerUnaryCall, type ServiceDefinition, type UntypedServiceImplementation, type sendUnaryData } from '@grpc/grpc-js';
import type { Duplex } from 'node:stream';
import { AppError, isAppError } from '#shared/errors';
import { clientOfCall } from '../clientOf.ts';
import type { Client } from '../engine/FairQueue.ts';
import { checkBearer } from '../checkBearer.ts';
import { nowNs } from '../engine/EngineMessages.ts';
import type { ServingContext } from '../http/HttpExchange.ts';
import type { Tls } from '../readTls.ts';
import { encodeMessage } from './MessageTable.ts';
import { healthResponse, healthStatus, streamInferResponse } from './messages.ts';
import { peekRequest } from './readGrpcRequest.ts';
import { reflect, reflectionVersions } from './reflection.ts';
import { statusOfError } from './statusOfError.ts';
import { openCalls } from '../openRoutes.ts';
import { unaryMethods, healthOf } from './unaryMethods.ts';

export interface GrpcFront {
  readonly port: number;
  /** Serves a connection that was accepted elsewhere. */
  take(socket: Duplex): void;
  /** Stops to accept and ends streams once they are answered; done when no call is left. */
  drain(): Promise<void>;
  /** Ends what is left. */
  cut(): void;
}

type Bytes = Uint8Array;
const asBuffer = (bytes: Bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const method = (service: string, name: string, requestStream: boolean, responseStream: boolean) => ({
  path: `/${service}/${name}`, requestStream, responseStream, requestSerialize: asBuffer, requestDeserialize: (bytes: Buffer): Bytes => bytes, responseSerialize: asBuffer, responseDeserialize: (bytes: Buffer): Bytes => bytes,
});
const inference = 'inference.GRPCInferenceService', health = 'grpc.health.v1.Health';
/** Requests of one stream that may be on the way before the next is read. */
const streamWindow = 16;

const credentialsOf = (tls: Tls | null): ServerCredentials => (tls === null ? ServerCredentials.createInsecure() : ServerCredentials.createSsl(tls.clientCa, [{ private_key: tls.key, cert_chain: tls.cert }], tls.clientCa !== null));

/** A copy in memory of its own, with the first raw tensor at an aligned address. */
function ownCopy(bytes: Bytes, alignAt: number): Bytes {
  const pad = (8 - (alignAt % 8)) % 8;
  const copy = new Uint8Array(new ArrayBuffer(bytes.length + pad), pad, bytes.length);
  copy.set(bytes);
  return copy;
}

export function createGrpcFront(context: ServingContext, host: string, port: number, tls: Tls | null = null): Promise<GrpcFront> {
  const { options, registry, log, budget } = context;
  const server = new Server({ 'grpc.max_receive_message_length': options.maxBodyBytes, 'grpc.max_send_message_length': -1 });
  const streams = new Set<() => void>();

  const authorize = (metadata: Metadata) => { if (options.apiKey !== null) checkBearer(metadata.get('authorization')[0]?.toString(), options.apiKey); };
  const report = (error: unknown, name: string) => {
    if (!isAppError(error)) log.error('fault', { call: name, error: error instanceof Error ? error.stack ?? error.message : String(error) });
    return statusOfError(error);
  };
  const infer = async (bytes: Bytes, signal: AbortSignal, client: Client): Promise<Bytes> => {
    const arrivedNs = nowNs();
    const { name, version, rawAt } = peekRequest(bytes);
    const { engine } = registry.serving(name, version);
    const { length } = bytes;
    if (budget.pendingBytes + length > budget.maxPendingBytes) throw new AppError('BUSY', 'The bodies of other requests fill the memory that this server may use for them.');
    budget.pendingBytes += length;
    try {
      const { body } = await engine.infer({ form: 'grpc', body: ownCopy(bytes, rawAt), jsonBytes: 0, arrivedNs, client, signal: () => signal });
      return body;
    } finally {
      budget.pendingBytes -= length;
    }
  };

  const unary = (service: string, name: string, work: (bytes: Bytes, signal: AbortSignal, client: Client) => Bytes | Promise<Bytes>) => {
    const isOpenToAll = openCalls.has(`/${service}/${name}`);
    return (call: ServerUnaryCall<Bytes, Bytes>, reply: sendUnaryData<Bytes>) => {
      const gone = new AbortController();
      call.on('cancelled', () => gone.abort());
      const answer = async () => {
        if (!isOpenToAll) authorize(call.metadata);
        return await work(call.request, gone.signal, clientOfCall(call));
      };
      answer().then((bytes) => reply(null, bytes), (error: unknown) => reply(report(error, name)));
    };
  };

  const stream = (call: ServerDuplexStream<Bytes, Bytes>) => {
    const gone = new AbortController();
    const client = clientOfCall(call);
    let waiting = 0;
    let ended = false;
    let last: Promise<void> = Promise.resolve();
    const finish = () => { if (ended && waiting === 0 && streams.delete(leave)) call.end(); };
    const leave = () => { ended = true; finish(); };
    streams.add(leave);
    call.on('cancelled', () => { gone.abort(); streams.delete(leave); });
    call.on('error', () => streams.delete(leave));
    call.on('end', leave);
    try {
      authorize(call.metadata);
    } catch (error) {
      streams.delete(leave);
      call.destroy(Object.assign(new Error('refused'), statusOfError(error)));
      return;
    }
    call.on('data', (bytes: Bytes) => {
      if (++waiting >= streamWindow) call.pause();
      const answer = infer(bytes, gone.signal, client);
      answer.catch(() => undefined); // looked at below, in its turn
      last = last.then(async () => {
        const message = await answer.then((response) => ({ infer_response: response }), (error: unknown) => ({ error_message: report(error, 'ModelStreamInfer').details, infer_response: new Uint8Array(0) }));
        if (!gone.signal.aborted) call.write(encodeMessage(streamInferResponse, message));
        if (--waiting < streamWindow && call.isPaused()) call.resume();
        finish();
      });
    });
  };

  const definition: Record<string, ServiceDefinition[string]> = { ModelInfer: method(inference, 'ModelInfer', false, false), ModelStreamInfer: method(inference, 'ModelStreamInfer', true, true) };
  const implementation: UntypedServiceImplementation = { ModelInfer: unary(inference, 'ModelInfer', infer), ModelStreamInfer: stream };
  for (const [name, answer] of Object.entries(unaryMethods)) {
    definition[name] = method(inference, name, false, false);
    implementation[name] = unary(inference, name, (bytes) => answer(bytes, context));
  }
  server.addService(definition, implementation);
  server.addService({ Check: method(health, 'Check', false, false), Watch: method(health, 'Watch', false, true) }, {
    Check: unary(health, 'Check', (bytes) => {
      const known = healthOf(bytes, context);
      if (known === healthStatus.serviceUnknown) throw new AppError('NOT_FOUND', 'There is no such service here.');
      return encodeMessage(healthResponse, { status: known });
    }),
    Watch: (call: ServerWritableStream<Bytes, Bytes>) => {
      let before = -1;
      const tell = () => {
        const now = healthOf(call.request, context);
        if (now !== before) call.write(encodeMessage(healthResponse, { status: now }));
        before = now;
      };
      const timer = setInterval(tell, 500);
      const leave = () => { clearInterval(timer); streams.delete(leave); call.end(); };
      streams.add(leave);
      call.on('cancelled', leave);
      try { tell(); } catch (error) {
        clearInterval(timer);
        streams.delete(leave);
        call.destroy(Object.assign(new Error('refused'), report(error, 'Watch')));
      }
    },
  });

  for (const version of reflectionVersions) {
    server.addService({ ServerReflectionInfo: method(`${version}.ServerReflection`, 'ServerReflectionInfo', true, true) }, {
      ServerReflectionInfo: (call: ServerDuplexStream<Bytes, Bytes>) => {
        const leave = () => { if (streams.delete(leave)) call.end(); };
        const fail = (error: unknown) => { streams.delete(leave); call.destroy(Object.assign(new Error('refused'), report(error, 'ServerReflectionInfo'))); };
        streams.add(leave);
        call.on('end', leave).on('cancelled', () => streams.delete(leave)).on('error', () => streams.delete(leave));
        try { authorize(call.metadata); } catch (error) { fail(error); return; }
        call.on('data', (bytes: Bytes) => { try { call.write(reflect(bytes)); } catch (error) { fail(error); } });
      },
    });
  }

  return new Promise((resolve, reject) => {
    server.bindAsync(`${host.includes(':') ? `[${host}]` : host}:${port}`, credentialsOf(tls), (error, bound) => {
      if (error) {
        reject(new AppError('PORT_TAKEN', `The gRPC server cannot listen on port ${port} of ${host}.`, { cause: error }));
        return;
      }
      const others = server.createConnectionInjector(ServerCredentials.createInsecure());
      resolve({
        port: bound,
        take: (socket) => others.injectConnection(socket),
        drain: () => new Promise((done) => {
          server.tryShutdown(() => done());
          for (const leave of [...streams]) leave();
        }),
        cut: () => server.forceShutdown(),
      });
    });
  });
}
