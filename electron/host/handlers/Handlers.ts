// The type of the table that answers operations; each noun has a file beside this one that fills its part.
import type { EventOf, JobName, OperationName, OutputOf, ParsedInputOf, QueryName, StreamName } from '#shared/contract/index';
import type { JobContext, Services } from '#services/Services';

export interface CallContext { readonly signal: AbortSignal }
export interface StreamContext<N extends OperationName> extends CallContext { readonly emit: (event: EventOf<N>) => void }

export type Handlers =
  & { readonly [N in QueryName]: (input: ParsedInputOf<N>, context: CallContext) => Promise<OutputOf<N>> }
  & { readonly [N in StreamName]: (input: ParsedInputOf<N>, context: StreamContext<N>) => Promise<void> }
  & { readonly [N in JobName]: JobHandler<N> };

export interface JobHandler<N extends OperationName> {
  /** What the task list shows beside the title: a file or model name. */
  readonly subject: (input: ParsedInputOf<N>) => string;
  readonly run: (input: ParsedInputOf<N>, context: JobContext) => Promise<OutputOf<N>>;
}

/** One noun's part of the table: `export const modelsHandlers: HandlersOf<'models.show' | …> = (services) => ({ … })`. */
export type HandlersOf<N extends OperationName> = (services: Services) => Pick<Handlers, N>;
