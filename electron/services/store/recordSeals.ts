// Seals of stored records: an edit, a removal or an addition that did not go through Millwright is found, with the record that it hit.
import { createHash, createHmac } from 'node:crypto';
import type { Finding } from '#shared/finding';
import type { Database } from './openDatabase.ts';

/** Settings and other named values are sealed as records of this noun. */
export const valueNoun = 'named value';

export interface RecordSeals {
  /** Before a row is replaced or removed: what was done to it past Millwright goes into the audit trail, since the next write would hide it. */
  before(noun: string, id: string): void;
  /** After a row was written. */
  written(noun: string, id: string): void;
  removed(noun: string, id: string): void;
  /** Seals what is there, once in the life of a database: rows from before there were seals. */
  sealAll(): number;
  check(): Finding[];
}

interface Sum { readonly count: number; readonly sum: bigint }
const modulus = 1n << 256n;
const maxFindings = 100;

/** @param tampered is told of a row that does not fit its seal when it is about to be replaced. */
export function recordSeals(database: Database, key: Buffer, tampered: (place: string, message: string) => void): RecordSeals {
  const mac = (...parts: readonly string[]) => createHmac('sha256', key).update(JSON.stringify(parts)).digest('hex');
  const hashOf = (noun: string, id: string): string | null => {
    const row = noun === valueNoun
      ? database.get('SELECT body, 0 AS seq FROM named_values WHERE name = ?', [id])
      : database.get('SELECT body, seq FROM records WHERE noun = ? AND id = ?', [noun, id]);
    return row ? createHash('sha256').update(JSON.stringify([noun, id, row['body'], row['seq']])).digest('hex') : null;
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
  const place = (noun: string, id: string) => `record ${noun}/${id}`;

  /** What is wrong with one row, or null. */
  const faultOf = (noun: string, id: string): string | null => {
    const [hash, seal] = [hashOf(noun, id), sealOf(noun, id)];
    if (hash === null && seal === null) return null;
    if (hash === null) return 'It was removed from the database past Millwright.';
    if (seal === null) return 'It was put into the database past Millwright, or its seal was removed.';
    if (!seal.holds) return 'Its seal was changed, or was made with another key than the one in the keys folder.';
    return seal.hash === hash ? null : 'It was changed in the database past Millwright.';
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
    sealAll() {
      const rows = [...database.all('SELECT noun, id FROM records'), ...database.all('SELECT ? AS noun, name AS id FROM named_values', [valueNoun])];
      for (const row of rows) this.written(String(row['noun']), String(row['id']));
      return rows.length;
    },
    check() {
      const findings: Finding[] = [];
      const add = (where: string, message: string) => {
        if (findings.length < maxFindings) findings.push({ id: 'RECORD_TAMPERED', severity: 'error', place: where, message, remedy: 'Restore the data folder, keys included, from a backup of before the change, and find out who had access.' });
      };
      const names = database.all(`SELECT noun, id FROM records UNION SELECT ?, name FROM named_values UNION SELECT noun, id FROM seals`, [valueNoun]);
      for (const row of names) {
        const [noun, id] = [String(row['noun']), String(row['id'])];
        const fault = faultOf(noun, id);
        if (fault !== null) add(place(noun, id), fault);
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
