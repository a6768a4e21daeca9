// Seals of the checkpoints of stopped jobs: a checkpoint that was edited, exchanged or put under another job or input is found, and no job goes on from it.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Finding } from '#shared/finding';
import type { Database, Row } from './openDatabase.ts';

export interface CheckpointSeals {
  /** For the checkpoint of a job, as text: bound to the job's id, operation and input. Undefined where there is no such job. */
  sealFor(jobId: string, checkpoint: string): string | undefined;
  /** What is wrong with the checkpoint of a job; null where it has none, or one that Millwright wrote. */
  faultOf(jobId: string): string | null;
  check(): Finding[];
}

const maxFindings = 100;
const columns = 'id, op, input, checkpoint, checkpoint_mac';
/** Where findings and the audit trail say that it is. */
export const checkpointPlace = (jobId: string): string => `checkpoint of job ${jobId}`;

export function checkpointSeals(database: Database, key: Buffer): CheckpointSeals {
  const mac = (row: Row, checkpoint: unknown) => createHmac('sha256', key).update(JSON.stringify(['checkpoint', row['id'], row['op'], row['input'], checkpoint])).digest('hex');
  const one = (jobId: string) => database.get(`SELECT ${columns} FROM jobs WHERE id = ?`, [jobId]);
  const fault = (row: Row): string | null => {
    const { checkpoint, checkpoint_mac: kept } = row;
    if (checkpoint === null && kept === null) return null;
    if (kept === null) return 'It was put into the database past Millwright, or its seal was removed.';
    if (checkpoint === null) return 'It was removed from the database past Millwright.';
    const [is, wanted] = [Buffer.from(typeof kept === 'string' ? kept : ''), Buffer.from(mac(row, checkpoint))];
    return is.length === wanted.length && timingSafeEqual(is, wanted) ? null : 'It, its seal or the input of its job was changed in the database past Millwright.';
  };
  return {
    sealFor(jobId, checkpoint) { const row = one(jobId); return row ? mac(row, checkpoint) : undefined; },
    faultOf(jobId) { const row = one(jobId); return row ? fault(row) : null; },
    check: () => database.all(`SELECT ${columns} FROM jobs WHERE checkpoint IS NOT NULL OR checkpoint_mac IS NOT NULL ORDER BY seq`).flatMap((row): Finding[] => {
      const message = fault(row);
      return message === null ? [] : [{ id: 'CHECKPOINT_TAMPERED', severity: 'error', place: checkpointPlace(String(row['id'])), message, remedy: 'Resume the job: it starts over and does not use this checkpoint. Find out who had access to the data folder.' }];
    }).slice(0, maxFindings),
  };
}
