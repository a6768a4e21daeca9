// What the Electron main process and the host's utility process say to each other, besides frames on ports.
import type { WorkerProgram } from '#services/workers/WorkerLauncher';

export type MainToHost =
  /** A page wants to talk; its port comes along. */
  | { readonly t: 'connect' }
  /** The worker that was asked for; its port comes along. */
  | { readonly t: 'worker'; readonly id: number; readonly pid: number }
  | { readonly t: 'worker-exit'; readonly id: number; readonly code: number };

export type HostToMain =
  | { readonly t: 'launch-worker'; readonly id: number; readonly env: Readonly<Record<string, string>>; readonly program: WorkerProgram }
  | { readonly t: 'kill-worker'; readonly id: number };

/** The shape of a MessagePortMain as seen in a utility process. */
export interface UtilityPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  start(): void;
  close(): void;
}

export interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown; readonly ports: readonly UtilityPort[] }) => void): unknown;
}
