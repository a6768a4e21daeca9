// One HTTP request as the routes see it, and what they answer.
import type { IncomingHttpHeaders } from 'node:http';
import type { Client } from '../engine/FairQueue.ts';
import type { Log } from '../log.ts';
import type { BodyBudget } from './readBody.ts';
import type { ServerMetrics } from '../metrics/serverMetrics.ts';
import type { ModelRegistry } from '../repository/createModelRegistry.ts';
import type { ServeOptions } from '../ServeOptions.ts';

export interface Reply { readonly status: number; readonly body: string | Uint8Array; readonly headers?: Readonly<Record<string, string>> }

export interface HttpExchange {
  readonly method: string;
  /** Decoded parts of the path, without empty ones. */
  readonly parts: readonly string[];
  readonly headers: IncomingHttpHeaders;
  readonly arrivedNs: number;
  readonly client: Client;
  /**
   * Aborted when the client has gone. A function and no accessor: for each object literal with an accessor the engine of JavaScript makes a hidden class of
   * its own, which keeps the whole request until the next full collection.
   */
  readonly signal: () => AbortSignal;
  /** Whole, decompressed and in memory of its own. The byte at `alignAt` has an aligned address. @throws TOO_LARGE, BUSY, BAD_INPUT */
  readBody(alignAt?: number): Promise<Uint8Array>;
  /** The same for a while: its memory is used again once `use` has settled. Where `use` handed it over, `giveBack` takes it. */
  withBody<T>(alignAt: number, use: (body: Uint8Array, giveBack: (memory: ArrayBuffer) => void) => Promise<T>): Promise<T>;
}

export interface ServingContext {
  readonly options: ServeOptions;
  readonly registry: ModelRegistry;
  readonly metrics: ServerMetrics;
  readonly log: Log;
  /** Memory that bodies may take, over HTTP and gRPC together. */
  readonly budget: BodyBudget;
  /** Folders from which a platform had models loaded, by name. */
  readonly origins: Map<string, string>;
  /** False from the first signal to end on. */
  isOpen(): boolean;
}

export type Handler = (exchange: HttpExchange, context: ServingContext) => Reply | Promise<Reply>;
/** By method; what is not there is answered with 405. */
export type Route = Readonly<Partial<Record<'GET' | 'POST' | 'DELETE', Handler>>>;
export type RouteFinder = (parts: readonly string[], context: ServingContext) => Route | null;

export const jsonReply = (value: unknown, status = 200): Reply => ({ status, body: JSON.stringify(value) });
