// Seals of the lines of jobs' logs: a line that was edited, put under another job or added is found; which lines there are is sealed with the log as a whole.
import { createHmac } from 'node:crypto';
import type { Finding } from '#shared/finding';
import type { Database, Row } from './openDatabase.ts';

export interface LogSeals {
  /** Of the line that was stored as this row; bound to its job and place. */
  seal(seq: number): void;
  /** Once in the life of a database: lines from before they had seals. */
  sealAll(): number;
  check(): Finding[];
}

const maxFindings = 100;
const columns = 'job_id, seq, at, line, mac';

export function logSeals(database: Database, key: Buffer): LogSeals {
  const mac = (row: Row) => createHmac('sha256', key).update(JSON.stringify(['log line', row['job_id'], row['seq'], row['at'], row['line']])).digest('hex');
  const store = (row: Row) => { database.run('UPDATE job_log SET mac = ? WHERE seq = ?', [mac(row), Number(row['seq'])]); };
  /** A page at a time: the log may hold far more than belongs into memory. */
  function* rows(): Generator<Row> {
    for (let after = -Number.MAX_SAFE_INTEGER; ;) {
      const page = database.all(`SELECT ${columns} FROM job_log WHERE seq > ? ORDER BY seq LIMIT 500`, [after]);
      yield* page;
      const last = page.at(-1);
      if (!last) return;
      after = Number(last['seq']);
    }
  }
  return {
    seal(seq) { const row = database.get(`SELECT ${columns} FROM job_log WHERE seq = ?`, [seq]); if (row) store(row); },
    sealAll() {
      let count = 0;
      for (const row of rows()) { store(row); count++; }
      return count;
    },
    check() {
      const findings: Finding[] = [];
      const lines = new Map<string, number>();
      for (const row of rows()) {
        const job = String(row['job_id']);
        const number = (lines.get(job) ?? 0) + 1;
        lines.set(job, number);
        if (row['mac'] === mac(row)) continue;
        findings.push({ id: 'LOG_TAMPERED', severity: 'error', place: `log of job ${job}, line ${number}`, message: row['mac'] === null ? 'It was put into the database past Millwright, or its seal was removed.' : 'It or its seal was changed in the database past Millwright.', remedy: 'Restore the data folder, keys included, from a backup of before the change, and find out who had access.' });
        if (findings.length >= maxFindings) return findings;
      }
      return findings;
    },
  };
}
