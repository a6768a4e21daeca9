// The rows of the jobs table, as records and back.
import type { JobRecord, JobState } from '#shared/contract/jobs';
import { jobRecordSchema, jobStateSchema } from '#shared/contract/jobs';
import type { ErrorReport } from '#shared/errors';
import type { Lane } from '#shared/contract/operation';
import type { Progress } from '#shared/progress';
import type { Database, Row } from '#services/store/openDatabase';
import type { JobSeals } from '#services/store/openStore';

export interface NewJob { readonly id: string; readonly op: string; readonly title: string; readonly subject: string; readonly lane: Lane; readonly input: unknown }
export interface ActiveJob { readonly id: string; readonly lane: Lane; readonly state: JobState; readonly owner: string }
export interface LogLine { readonly at: string; readonly line: string }

const resumableStates: readonly JobState[] = ['cancelled', 'interrupted', 'failed'];
const keptLogLines = 5000;
const iso = (ms: unknown) => (ms === null || ms === undefined ? null : new Date(Number(ms)).toISOString());
const parsed = (text: unknown): unknown => (typeof text === 'string' ? JSON.parse(text) : null);

export function toJobRecord(row: Row): JobRecord {
  const state = jobStateSchema.parse(row['state']);
  return jobRecordSchema.parse({
    id: row['id'], op: row['op'], title: row['title'], subject: row['subject'], lane: row['lane'], state,
    input: parsed(row['input']), ...(row['output'] === null ? {} : { output: parsed(row['output']) }), error: parsed(row['error']), progress: parsed(row['progress']),
    attempt: row['attempt'], resumable: resumableStates.includes(state),
    createdAt: iso(row['created_at']), startedAt: iso(row['started_at']), endedAt: iso(row['ended_at']),
  });
}

export function jobTable(database: Database, seals: JobSeals, clock: () => number) {
  const one = (id: string) => database.get('SELECT * FROM jobs WHERE id = ?', [id]);
  return {
    insert({ id, op, title, subject, lane, input }: NewJob, owner: string): void {
      seals.job(id, () => database.run(`INSERT INTO jobs (id, op, title, subject, lane, state, input, attempt, owner, created_at) VALUES (?, ?, ?, ?, ?, 'queued', ?, 1, ?, ?)`,
        [id, op, title, subject, lane, JSON.stringify(input ?? null), owner, clock()]));
    },
    get: (id: string): JobRecord | null => { const row = one(id); return row ? toJobRecord(row) : null; },
    list: (limit: number): JobRecord[] => database.all('SELECT * FROM jobs ORDER BY seq DESC LIMIT ?', [limit]).map(toJobRecord),
    /** Queued, running and cancelling jobs of every owner, first come first. */
    active: (): ActiveJob[] => database.all(`SELECT id, lane, state, owner FROM jobs WHERE state IN ('queued', 'running', 'cancelling') ORDER BY seq`)
      .map((row) => ({ id: String(row['id']), lane: String(row['lane']) as Lane, state: jobStateSchema.parse(row['state']), owner: String(row['owner']) })), // lanes are written by insert only
    cancelAsked: (id: string): number => Number(one(id)?.['cancel_asked'] ?? 0),
    checkpointOf: (id: string): unknown => parsed(one(id)?.['checkpoint']),
    /** Answers false when the job is not in one of the states any more. */
    move(id: string, from: readonly JobState[], to: JobState): boolean {
      const now = clock();
      const ended = to === 'cancelled' || to === 'interrupted' || to === 'failed' || to === 'done';
      return seals.job(id, () => database.run(`UPDATE jobs SET state = ?, started_at = CASE WHEN ? = 'running' THEN ? ELSE started_at END, ended_at = ? WHERE id = ? AND state IN (${from.map(() => '?').join(', ')})`,
        [to, to, now, ended ? now : null, id, ...from])).changes > 0;
    },
    askCancel: (id: string, level: number): void => { database.run('UPDATE jobs SET cancel_asked = max(cancel_asked, ?) WHERE id = ?', [level, id]); },
    requeue: (id: string, owner: string): boolean => seals.job(id, () => database.run(
      `UPDATE jobs SET state = 'queued', owner = ?, attempt = attempt + 1, cancel_asked = 0, error = NULL, progress = NULL, started_at = NULL, ended_at = NULL WHERE id = ? AND state IN ('cancelled', 'interrupted', 'failed')`, [owner, id])).changes > 0,
    setProgress: (id: string, progress: Progress): void => { database.run('UPDATE jobs SET progress = ? WHERE id = ?', [JSON.stringify(progress), id]); },
    setCheckpoint(id: string, state: unknown): void {
      const text = JSON.stringify(state ?? null);
      database.run('UPDATE jobs SET checkpoint = ?, checkpoint_mac = ? WHERE id = ?', [text, seals.sealFor(id, text) ?? null, id]);
    },
    dropCheckpoint: (id: string): void => { database.run('UPDATE jobs SET checkpoint = NULL, checkpoint_mac = NULL WHERE id = ?', [id]); },
    setOutput: (id: string, output: unknown): void => { seals.job(id, () => database.run('UPDATE jobs SET output = ?, checkpoint = NULL, checkpoint_mac = NULL WHERE id = ?', [JSON.stringify(output ?? null), id])); },
    setError: (id: string, error: ErrorReport): void => { seals.job(id, () => database.run('UPDATE jobs SET error = ? WHERE id = ?', [JSON.stringify(error), id])); },
    addLog(id: string, lines: ReadonlyArray<{ at: number; line: string }>): void {
      seals.addLines(id, () => {
        const places = lines.map(({ at, line }) => Number(database.get('INSERT INTO job_log (job_id, at, line) VALUES (?, ?, ?) RETURNING seq', [id, at, line.slice(0, 2000)])?.['seq']));
        database.run('DELETE FROM job_log WHERE job_id = ? AND seq <= (SELECT max(seq) FROM job_log WHERE job_id = ?) - ? ', [id, id, keptLogLines * 20]);
        return places;
      });
    },
    log: (id: string): LogLine[] => database.all('SELECT at, line FROM (SELECT seq, at, line FROM job_log WHERE job_id = ? ORDER BY seq DESC LIMIT ?) ORDER BY seq', [id, keptLogLines])
      .map((row) => ({ at: new Date(Number(row['at'])).toISOString(), line: String(row['line']) })),
    ids: (): string[] => database.all('SELECT id FROM jobs').map((row) => String(row['id'])),
  };
}
export type JobTable = ReturnType<typeof jobTable>;
