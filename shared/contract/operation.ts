// What an operation is: a name, the schema of what goes in, what is reported on the way and what comes out.
import { z } from 'zod';

/**
 * query: answers once · stream: emits events until aborted · job: a record owned by the host; calling it answers `{ jobId }` at once,
 * jobs.watch reports it, and its output is in the record when it is done.
 */
export type OperationKind = 'query' | 'stream' | 'job';

/** light: beside anything · compute: one at a time · exclusive: alone on the machine (benchmarks). */
export type Lane = 'light' | 'compute' | 'exclusive';

export interface Operation<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType, E extends z.ZodType = z.ZodType> {
  readonly kind: OperationKind;
  readonly lane?: Lane;
  /** What a person reads in the task list: "Quantize". */
  readonly title: string;
  readonly input: I;
  readonly output: O;
  readonly event: E;
}

const nothing = z.undefined();
type Nothing = typeof nothing;

/** Most of a program's start would be schemas that it never asks for: each is made when it is first read. */
function operation<K extends OperationKind, I extends z.ZodType, O extends z.ZodType, E extends z.ZodType>(kind: K, title: string, make: { readonly input: () => I; readonly output: () => O; readonly event: () => E }): Operation<I, O, E> & { kind: K } {
  let input: I | undefined, output: O | undefined, event: E | undefined;
  return { kind, title, get input() { return input ??= make.input(); }, get output() { return output ??= make.output(); }, get event() { return event ??= make.event(); } };
}

export const query = <I extends z.ZodType, O extends z.ZodType>(title: string, input: () => I, output: () => O): Operation<I, O, Nothing> & { kind: 'query' } =>
  operation('query', title, { input, output, event: () => nothing });

export const stream = <I extends z.ZodType, E extends z.ZodType>(title: string, input: () => I, event: () => E): Operation<I, Nothing, E> & { kind: 'stream' } =>
  operation('stream', title, { input, output: () => nothing, event });

export const job = <I extends z.ZodType, O extends z.ZodType>(title: string, lane: Lane, input: () => I, output: () => O): Operation<I, O, Nothing> & { kind: 'job'; lane: Lane } =>
  Object.assign(operation('job', title, { input, output, event: () => nothing }), { lane });
