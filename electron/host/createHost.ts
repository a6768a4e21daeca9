// The host: every operation of the contract behind one call, over any channel, with jobs that outlive their callers.
import { setMaxListeners } from 'node:events';
import { isAbsolute, resolve } from 'node:path';
import { operations, type Call, type OperationName } from '#shared/contract/index';
import type { KeyKeeper } from '#shared/contract/keys';
import type { Operation } from '#shared/contract/operation';
import { AppError, isAppError } from '#shared/errors';
import { serveChannel, type CallOptions, type Channel, type RawCall } from '#shared/rpc';
import type { JobContext, Logger, Services } from '#services/Services';
import { strengthForPeople } from '#services/people/passwordHash';
import { openOsStore, osStoreIn, type OsStoreStep } from '#services/keystore/openOsStore';
import type { WorkerLauncher } from '#services/workers/WorkerLauncher';
import { keepAuditHead } from '#services/evidence/auditHead';
import { superviseStations } from '#services/stations/superviseStations';
import { systemTicks, type Ticks } from '#services/store/clockWatch';
import { openStore } from '#services/store/openStore';
import { finishRotation } from '#services/evidence/finishRotation';
import { watchClock } from '#services/evidence/watchClock';
import { describeIssues } from './describeIssues.ts';
import type { Handlers, StreamContext } from './handlers/Handlers.ts';
import type { Shell } from './handlers/appHandlers.ts';
import { handlerTable } from './handlers/handlerTable.ts';
import { openJobs, type JobKind, type Jobs } from './jobs/openJobs.ts';
import { versions } from './versions.ts';

export interface HostConfig {
  readonly dataDir: string;
  readonly resourcesDir: string;
  readonly programDir?: string;
  readonly workers: WorkerLauncher;
  readonly shell: Shell;
  readonly log: Logger;
  readonly clock?: () => number;
  /** What the clock is held against, to see it jump. Default: the system's, unless a clock is given. */
  readonly ticks?: Ticks;
  /** Where a key that is made here for the first time is kept, if it works. Default: a file; a data folder that was named is for servers, CI and copies. */
  readonly newKeysIn?: KeyKeeper;
  /** Replaces the key store of the operating system, for tests. */
  readonly osStoreStep?: OsStoreStep;
  /** Keeps the stations on the container engine as the store says; for hosts that stay. Default: the window and the browser do. */
  readonly supervise?: boolean;
  /** Replaces handlers, for tests of the host itself. */
  readonly handlers?: (services: Services) => Partial<Handlers>;
}

export interface Host {
  readonly call: Call;
  readonly services: Services;
  readonly jobs: Jobs;
  /** Serves calls that arrive on the channel, until it closes. */
  connect(channel: Channel): void;
  /** Aborts calls, interrupts jobs with their checkpoints, closes the store. */
  close(): Promise<void>;
}

interface AnyContext { readonly signal: AbortSignal; readonly emit: (event: unknown) => void }
type AnyHandler = (input: unknown, context: AnyContext) => Promise<unknown>;
interface AnyJobHandler { subject(input: unknown): string; run(input: unknown, context: JobContext): Promise<unknown> }

function operationOf(op: string): Operation {
  if (!Object.hasOwn(operations, op)) throw new AppError('BAD_USAGE', `There is no operation called "${op.slice(0, 80)}".`, { hint: 'Update both sides to the same version of Millwright.' });
  return operations[op as OperationName]; // checked in the line above
}

function parseInput(op: string, input: unknown): unknown {
  const result = operationOf(op).input.safeParse(input);
  if (result.success) return result.data;
  throw new AppError('BAD_INPUT', `The input of ${op} does not fit: ${describeIssues(result.error)}.`);
}

export function createHost(config: HostConfig): Host {
  const { dataDir, log, clock = Date.now } = config;
  if (!isAbsolute(dataDir)) throw new AppError('BAD_INPUT', `The data folder ${dataDir} is not an absolute path.`);
  const store = openStore(dataDir, { clock, log, ticks: config.ticks ?? (config.clock === undefined ? systemTicks : undefined) });
  const osStore = openOsStore(config.osStoreStep ?? osStoreIn(config.workers), { forNewKeys: config.newKeysIn === 'os-store' });
  const services: Services = { dataDir: resolve(dataDir), resourcesDir: config.resourcesDir, programDir: config.programDir ?? null, version: versions.app, clock, store, workers: config.workers, osStore, passwordStrength: strengthForPeople, log };
  const closing = new AbortController();
  setMaxListeners(0, closing.signal); // one for each call in flight

  const checkOutput = (op: string, output: unknown): unknown => {
    const result = operationOf(op).output.safeParse(output);
    if (result.success) return result.data;
    log.error('An operation answered what its contract does not allow.', { op, problem: describeIssues(result.error) });
    throw new AppError('INTERNAL', `The answer of ${op} does not fit its contract: ${describeIssues(result.error)}.`);
  };

  const kindOf = (op: string): JobKind => {
    const operation = operationOf(op);
    const handler = table[op as OperationName] as unknown as AnyJobHandler; // the contract says that this name is a job's, and the table's type follows it
    return {
      title: operation.title, lane: operation.lane ?? 'compute',
      prepare(input) {
        const parsed = parseInput(op, input);
        return { subject: handler.subject(parsed), run: async (context) => checkOutput(op, await handler.run(parsed, context)) };
      },
    };
  };
  const jobs = openJobs({ dataDir: services.dataDir, store, clock, log, kindOf });
  const rotationFinished = finishRotation(services).catch((error: unknown) => log.warn('A rotation of the key that was stopped could not be finished.', { reason: error instanceof Error ? error.message : String(error) }));
  // From now on each audit entry that this process appends is witnessed by a signed head.
  const headKept = keepAuditHead(services).catch((error: unknown) => { log.warn('The head of the audit trail is not signed.', { reason: error instanceof Error ? error.message : String(error) }); });
  const clockWatched = watchClock(services);
  const table: Handlers = { ...handlerTable(services, jobs, config.shell, headKept), ...config.handlers?.(services) };

  const supervisor = config.supervise ?? (config.shell === 'electron' || config.shell === 'browser') ? superviseStations(services) : null;

  const dispatch = async (op: string, input: unknown, context: AnyContext): Promise<unknown> => {
    const operation = operationOf(op);
    if (closing.signal.aborted) throw new AppError('CONNECTION_LOST', 'The host is closing.');
    if (operation.kind === 'job') return { jobId: jobs.start(op, input).id };
    const parsed = parseInput(op, input);
    const handler = table[op as OperationName] as unknown as AnyHandler; // as above, for queries and streams
    if (operation.kind === 'stream') {
      const emit: StreamContext<OperationName>['emit'] = (event) => { if (!context.signal.aborted) context.emit(event); };
      await handler(parsed, { signal: context.signal, emit: emit as AnyContext['emit'] }); // events are checked by the handler's own type
      return undefined;
    }
    return checkOutput(op, await handler(parsed, context));
  };

  const answer = async (op: string, input: unknown, context: AnyContext): Promise<unknown> => {
    const controller = new AbortController();
    setMaxListeners(0, controller.signal);
    const abort = (signal: AbortSignal) => controller.abort(signal.reason);
    const onAbort = () => abort(context.signal);
    const onClose = () => abort(closing.signal);
    if (context.signal.aborted) onAbort();
    context.signal.addEventListener('abort', onAbort, { once: true });
    closing.signal.addEventListener('abort', onClose, { once: true });
    try {
      return await dispatch(op, input, { signal: controller.signal, emit: context.emit });
    } catch (error) {
      if (!isAppError(error) && !controller.signal.aborted) log.error('An operation failed unexpectedly.', { op, error: error instanceof Error ? error.stack ?? error.message : String(error) });
      throw error;
    } finally {
      context.signal.removeEventListener('abort', onAbort);
      closing.signal.removeEventListener('abort', onClose);
    }
  };

  const rawCall: RawCall = async (op, input, { signal, onEvent }: CallOptions = {}) => {
    if (signal?.aborted) throw new AppError('CANCELLED', 'Cancelled.');
    return answer(op, input, { signal: signal ?? new AbortController().signal, emit: (event) => onEvent?.(event) });
  };

  return {
    call: rawCall as Call, // dispatch checks inputs and outputs against the schemas that Call's types come from
    services, jobs,
    connect: (channel) => serveChannel(channel, answer),
    async close() {
      if (closing.signal.aborted) return;
      closing.abort(new AppError('CONNECTION_LOST', 'The host is closing.'));
      clockWatched.stop();
      await supervisor?.close();
      await jobs.close();
      const stopSigning = await headKept; // it may still be making the key of a new data folder
      await stopSigning?.();
      await rotationFinished;
      await osStore.close();
      store.close();
    },
  };
}
