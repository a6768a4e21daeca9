// What is held of a station's log: the newest lines of one connection to the host.
import type { EventOf } from '#shared/contract/index';

export type LogEntry = EventOf<'serving.logs'>;
export interface HeldLog { readonly epoch: number; readonly entries: readonly LogEntry[] }

export const keptLines = 2000;
export const emptyLog: HeldLog = { epoch: 0, entries: [] };

/** A new connection tells the last lines anew: what the one before told is dropped with its first line. */
export const withEntry = (held: HeldLog, epoch: number, entry: LogEntry): HeldLog => ({ epoch, entries: held.epoch === epoch ? [...held.entries.slice(1 - keptLines), entry] : [entry] });
