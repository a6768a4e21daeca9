// The contract: every operation of Millwright by name, and the types that follow from their schemas.
import type { z } from 'zod';
import { agreementOperations } from './agreement.ts';
import { appOperations } from './app.ts';
import { benchmarksOperations } from './benchmarks.ts';
import { courtOperations } from './court.ts';
import { datasetsOperations } from './datasets.ts';
import { deviationsOperations } from './deviations.ts';
import { evidenceOperations } from './evidence.ts';
import { imagesOperations } from './images.ts';
import { jobsOperations } from './jobs.ts';
import { keysOperations } from './keys.ts';
import { machineOperations } from './machine.ts';
import { modelsOperations } from './models.ts';
import { optimizeOperations } from './optimize.ts';
import { peopleOperations } from './people.ts';
import { servingOperations } from './serving.ts';
import { stationsOperations } from './stations.ts';
import { transferOperations } from './transfer.ts';
import { validationOperations } from './validation.ts';

export const operations = {
  ...appOperations, ...machineOperations, ...modelsOperations, ...optimizeOperations, ...datasetsOperations,
  ...benchmarksOperations, ...validationOperations, ...evidenceOperations, ...keysOperations, ...stationsOperations, ...servingOperations, ...imagesOperations, ...transferOperations, ...peopleOperations, ...deviationsOperations, ...courtOperations, ...agreementOperations, ...jobsOperations,
} as const;

export type Operations = typeof operations;
export type OperationName = keyof Operations;
/** What a caller may pass: defaults may be left out. */
export type InputOf<N extends OperationName> = z.input<Operations[N]['input']>;
/** What a handler gets: defaults filled in. */
export type ParsedInputOf<N extends OperationName> = z.output<Operations[N]['input']>;
export type OutputOf<N extends OperationName> = z.output<Operations[N]['output']>;
export type EventOf<N extends OperationName> = z.output<Operations[N]['event']>;

type NamesOfKind<K> = { [N in OperationName]: Operations[N]['kind'] extends K ? N : never }[OperationName];
export type QueryName = NamesOfKind<'query'>;
export type StreamName = NamesOfKind<'stream'>;
export type JobName = NamesOfKind<'job'>;

/** What calling an operation answers: a job answers the id of its record. */
export type AnswerOf<N extends OperationName> = N extends JobName ? { readonly jobId: string } : OutputOf<N>;

/** The one function that every shell obtains. */
export type Call = <N extends OperationName>(op: N, input: InputOf<N>, options?: { signal?: AbortSignal | undefined; onEvent?: ((event: EventOf<N>) => void) | undefined }) => Promise<AnswerOf<N>>;
