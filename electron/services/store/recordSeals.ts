// Seals of stored records: an edit, a removal or an addition that did not go through Millwright is found, with the record that it hit.
import { createHash, createHmac } from 'node:crypto';
import type { Finding } from '#shared/finding';
import type { Database } from './openDatabase.ts';

/** Settings and other named values are sealed as records of this noun. */
export const valueNoun = 'named value';
/** A job, but for what wanders while it runs: progress, owner, the wish to cancel. Its checkpoint has a seal of its own. */
export const jobNoun = 'job';
/** Which lines the log of a job has; each line has a seal of its own, see logSeals. */
export const logNoun = 'job log';
export const counterNoun = 'counter';

interface Kind { readonly columns: readonly string[]; /** Of one, by its id. */ readonly from: string; readonly all: string; readonly place: (id: string) => string }
/** What is sealed outside of the table of records: the columns that its seal covers, how all are listed, and what findings call it. */
const kinds: Readonly<Record<string, Kind>> = {
  [valueNoun]: { columns: ['body', '0'], from: 'named_values WHERE name = ?', all: 'SELECT name AS id FROM named_values', place: (id) => `record ${valueNoun}/${id}` },
  [jobNoun]: {
    columns: ['op', 'title', 'subject', 'lane', 'state', 'input', 'output', 'error', 'attempt', 'created_at', 'started_at', 'ended_at', 'seq'], from: 'jobs WHERE id = ?',
    all: 'SELECT id FROM jobs', place: (id) => `job ${id}`,
  },
  [logNoun]: { columns: ['count(*)', 'min(seq)', 'max(seq)'], from: 'job_log WHERE job_id = ? GROUP BY job_id', all: 'SELECT DISTINCT job_id AS id FROM job_log', place: (id) => `log of job ${id}` },
  [counterNoun]: { columns: ['value'], from: 'counters WHERE name = ?', all: 'SELECT name AS id FROM counters', place: (id) => `counter ${id}` },
};

export interface RecordSeals {
  /** Before a row is replaced or removed: what was done to it past Millwright goes into the audit trail, since the next write would hide it. */
  before(noun: string, id: string): void;
  /** After a row was written. */
  written(noun: string, id: string): void;
  removed(noun: string, id: string): void;
  /** Seals what is there of these nouns, once in the life of a database: rows from before they had seals. Without nouns: the records. */
  sealAll(nouns?: readonly string[]): number;
  check(): Finding[];
}

interface Sum { readonly count: number; readonly sum: bigint }
const modulus = 1n << 256n;
const maxFindings = 100;
const changed = 'It was changed in the database past Millwright.';
const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** @param tampered is told of a row that does not fit its seal when it is about to be replaced. */
export function recordSeals(database: Database, key: Buffer, tampered: (place: string, message: string) => void): RecordSeals {
  const mac = (...parts: readonly string[]) => createHmac('sha256', key).update(JSON.stringify(parts)).digest('hex');
  const hashOf = (noun: string, id: string): string | null => {
    const kind = kinds[noun];
    const columns = kind?.columns ?? ['body', 'seq'];
    const row = database.get(`SELECT ${columns.map((column, at) => `${column} AS c${at}`).join(', ')} FROM ${kind?.from ?? 'records WHERE noun = ? AND id = ?'}`, kind ? [id] : [noun, id]);
    return row ? createHash('sha256').update(JSON.stringify([noun, id, ...columns.map((_, at) => row[`c${at}`])])).digest('hex') : null;
  };
  const sealOf = (noun: string, id: string): { readonly hash: string; readonly holds: boolean } | null => {
    const row = database.get('SELECT hash, mac FROM seals WHERE noun = ? AND id = ?', [noun, id]);
    return row ? { hash: String(row['hash']), holds: row['mac'] === mac(noun, id, String(row['hash'])) } : null;
  };
  const sumOf = (noun: string): Sum & { readonly holds: boolean } => {
    const row = database.get('SELECT count, sum, mac FROM seal_sums WHERE noun = ?', [noun]);
    if (!row) return { count: 0, sum: 0n, holds: true };
    const [count, sum] = [String(row['count']), String(row['sum'])];
    return { count: Number(count), sum: /^[0-9a-f]{64}$/.test(sum) ? BigInt(`0x${sum}`) : 0n, holds: row['mac'] === mac(noun, count, sum) };
  };
  const storeSum = (noun: string, { count, sum }: Sum) => {
    const text = (((sum % modulus) + modulus) % modulus).toString(16).padStart(64, '0');
    database.run('INSERT INTO seal_sums (noun, count, sum, mac) VALUES (?, ?, ?, ?) ON CONFLICT (noun) DO UPDATE SET count = excluded.count, sum = excluded.sum, mac = excluded.mac', [noun, count, text, mac(noun, String(count), text)]);
  };
  const place = (noun: string, id: string) => kinds[noun]?.place(id) ?? `record ${noun}/${id}`;
  const idsOf = (noun: string) => database.all(kinds[noun]?.all ?? '').map((row) => ({ noun, id: String(row['id']) }));
  const recordIds = () => database.all('SELECT noun, id FROM records').map((row) => ({ noun: String(row['noun']), id: String(row['id']) }));

  /** What is wrong with one row, or null. */
  const faultOf = (noun: string, id: string): string | null => {
    const [hash, seal] = [hashOf(noun, id), sealOf(noun, id)];
    if (hash === null && seal === null) return null;
    if (hash === null) return 'It was removed from the database past Millwright.';
    if (seal === null) return 'It was put into the database past Millwright, or its seal was removed.';
    if (!seal.holds) return 'Its seal was changed, or was made with another key than the one in the keys folder.';
    return seal.hash === hash ? null : changed;
  };

  return {
    before(noun, id) {
      const fault = faultOf(noun, id);
      if (fault !== null) tampered(place(noun, id), fault);
    },
    written(noun, id) {
      const hash = hashOf(noun, id);
      if (hash === null) return;
      const old = sealOf(noun, id);
      if (old?.hash === hash && old.holds) return;
      const before = sumOf(noun);
      storeSum(noun, { count: before.count + (old === null ? 1 : 0), sum: before.sum + BigInt(`0x${hash}`) - (old === null ? 0n : asNumber(old.hash)) });
      database.run('INSERT INTO seals (noun, id, hash, mac) VALUES (?, ?, ?, ?) ON CONFLICT (noun, id) DO UPDATE SET hash = excluded.hash, mac = excluded.mac', [noun, id, hash, mac(noun, id, hash)]);
    },
    removed(noun, id) {
      const old = sealOf(noun, id);
      if (old === null) return;
      const before = sumOf(noun);
      storeSum(noun, { count: before.count - 1, sum: before.sum - asNumber(old.hash) });
      database.run('DELETE FROM seals WHERE noun = ? AND id = ?', [noun, id]);
    },
    sealAll(nouns) {
      const rows = nouns ? nouns.flatMap(idsOf) : [...recordIds(), ...idsOf(valueNoun)];
      for (const { noun, id } of rows) this.written(noun, id);
      return rows.length;
    },
    check() {
      const findings: Finding[] = [];
      const add = (where: string, message: string) => {
        if (findings.length < maxFindings) findings.push({ id: 'RECORD_TAMPERED', severity: 'error', place: where, message, remedy: 'Restore the data folder, keys included, from a backup of before the change, and find out who had access.' });
      };
      const sealedIds = database.all('SELECT noun, id FROM seals').map((row) => ({ noun: String(row['noun']), id: String(row['id']) }));
      const every = new Map([...recordIds(), ...Object.keys(kinds).flatMap(idsOf), ...sealedIds].map((one) => [JSON.stringify([one.noun, one.id]), one]));
      for (const { noun, id } of [...every.values()].sort((a, b) => order(a.noun, b.noun) || order(a.id, b.id))) {
        const fault = faultOf(noun, id);
        if (fault !== null) add(place(noun, id), noun === logNoun && fault === changed ? 'Lines of it were removed from or added to the database past Millwright.' : fault);
      }
      const sealed = new Map<string, Sum>();
      for (const row of database.all('SELECT noun, hash FROM seals')) {
        const noun = String(row['noun']);
        const { count, sum } = sealed.get(noun) ?? { count: 0, sum: 0n };
        sealed.set(noun, { count: count + 1, sum: (sum + asNumber(String(row['hash']))) % modulus });
      }
      for (const noun of new Set([...sealed.keys(), ...database.all('SELECT noun FROM seal_sums').map((row) => String(row['noun']))])) {
        const [kept, seen] = [sumOf(noun), sealed.get(noun) ?? { count: 0, sum: 0n }];
        if (!kept.holds) add(`records ${noun}`, 'The sum over the seals of these records was changed, or was made with another key.');
        else if (kept.count !== seen.count) add(`records ${noun}`, `There are ${seen.count} sealed records, and there must be ${kept.count}: records were removed or added together with their seals.`);
        else if (kept.sum !== seen.sum) add(`records ${noun}`, 'The seals are not those that were made: a record was put back to an older state, or the sum was removed.');
      }
      return findings;
    },
  };
}

const asNumber = (hash: string): bigint => (/^[0-9a-f]{64}$/.test(hash) ? BigInt(`0x${hash}`) : 0n);
