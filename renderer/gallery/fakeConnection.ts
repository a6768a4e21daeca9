// Stands for the host in the gallery: answers from fixtures, held to the contract's schemas, or waits, or fails.
import { operations, type Call, type OperationName } from '#shared/contract/index';
import type { JobRecord } from '#shared/contract/jobs';
import type { MachineSample } from '#shared/contract/machine';
import { AppError } from '#shared/errors';
import type { Connection, ConnectionState } from '../api/connect.ts';

export interface Scenario {
  /** What each query answers; an Error is thrown, a function gets the input. What is not named waits for ever. */
  readonly answers: Readonly<Partial<Record<OperationName, unknown>>>;
  readonly jobs?: readonly JobRecord[];
  readonly samples?: readonly MachineSample[];
  /** What each stream tells at once. */
  readonly events?: Readonly<Partial<Record<OperationName, readonly unknown[]>>>;
  /** The page has lost its host. */
  readonly lost?: string;
}

/** Never settles but by its signal, as a stream or an answer that does not come. */
const waiting = (signal: AbortSignal | undefined) => new Promise<never>((_, reject) => { signal?.addEventListener('abort', () => reject(new AppError('CANCELLED', 'Cancelled.')), { once: true }); });

function answerOf(scenario: Scenario, op: OperationName, input: unknown): unknown {
  const given = op === 'jobs.list' ? scenario.jobs ?? [] : scenario.answers[op];
  const found: unknown = typeof given === 'function' ? Reflect.apply(given, undefined, [input]) : given;
  if (found instanceof Error) throw found;
  return found;
}

export function fakeConnection(scenario: Scenario): Connection {
  const call = async (op: OperationName, raw: unknown, options?: { signal?: AbortSignal; onEvent?: (event: unknown) => void }): Promise<unknown> => {
    const operation = operations[op];
    const input = operation.input.parse(raw);
    await Promise.resolve();
    if (op === 'machine.watch') scenario.samples?.forEach((sample) => options?.onEvent?.(operation.event.parse(sample)));
    scenario.events?.[op]?.forEach((event) => options?.onEvent?.(operation.event.parse(event)));
    if (operation.kind !== 'query') return waiting(options?.signal);
    const found = answerOf(scenario, op, input);
    return found === undefined ? waiting(options?.signal) : operation.output.parse(found);
  };
  const state: ConnectionState = scenario.lost ? { phase: 'lost', epoch: 1, reason: scenario.lost } : { phase: 'online', epoch: 1, reason: '' };
  return { call: call as Call, state: () => state, subscribe: () => () => undefined, close: () => undefined }; // both sides are parsed by the schemas that the type stands for
}
