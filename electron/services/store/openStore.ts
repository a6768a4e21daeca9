// The store: collections of JSON records, named values and the audit trail in one SQLite file, with word of every change, other processes' too.
import { randomUUID } from 'node:crypto';
import { nouns } from '#shared/contract/app';
import { jsonOrNull } from '#shared/jsonOrNull';
import type { Logger } from '../Services.ts';
import { auditTrail } from './auditTrail.ts';
import { clockWatch, type Ticks } from './clockWatch.ts';
import { checkpointSeals, type CheckpointSeals } from './checkpointSeals.ts';
import { openDatabase, type Database } from './openDatabase.ts';
import { logSeals } from './logSeals.ts';
import { counterNoun, jobNoun, logNoun, recordSeals, valueNoun } from './recordSeals.ts';
import { noteSealedLevel, openSealKey, sealedLevel } from './sealKey.ts';
import type { Noun, Store } from './Store.ts';

export interface StoreOptions {
  readonly clock: () => number;
  readonly log: Logger;
  /** How often to look for changes of other processes while someone listens. Default 500 ms. */
  readonly pollMs?: number;
  /** Clocks that the wall clock is held against; without them only the last audit entry is. */
  readonly ticks?: Ticks | undefined;
}

/** For the table of jobs, which lives in the same database. */
export interface JobSeals extends CheckpointSeals {
  /** A write of a job's row; the seal is made anew with it. */
  job<T>(id: string, steps: () => T): T;
  /** Lines are added to a job's log; the steps answer their places. */
  addLines(id: string, steps: () => readonly number[]): void;
}

/** The store and its database; only the host's jobs use the database directly. */
export interface OpenStore extends Store {
  readonly database: Database;
  readonly jobSeals: JobSeals;
  /** Tells all listeners, here and in other processes. */
  changed(noun: Noun, id: string | null): void;
}

const keptChanges = 2000;
const sealLevel = 2;
const isNoun = (value: unknown): value is Noun => nouns.some((noun) => noun === value);

export function openStore(dataDir: string, { clock, log, pollMs = 500, ticks }: StoreOptions): OpenStore {
  const database = openDatabase(dataDir);
  const writer = randomUUID();
  const listeners = new Set<(change: { noun: Noun; id: string | null }) => void>();
  const lastChange = () => Number(database.get('SELECT coalesce(max(seq), 0) AS seq FROM changes')?.['seq'] ?? 0);
  const dataVersion = () => Number(database.get('PRAGMA data_version')?.['data_version'] ?? 0);
  let seen = lastChange();
  let version = dataVersion();
  let timer: NodeJS.Timeout | null = null;

  let held: Array<{ noun: Noun; id: string | null }> | null = null;
  const tell = (change: { noun: Noun; id: string | null }) => {
    if (held !== null) { held.push(change); return; }
    for (const listener of [...listeners]) {
      try { listener(change); } catch (error) { log.error('A change listener failed.', { error: String(error) }); }
    }
  };
  const poll = () => {
    try {
      const now = dataVersion();
      if (now === version) return;
      version = now;
      const rows = database.all('SELECT seq, noun, id, writer FROM changes WHERE seq > ? ORDER BY seq', [seen]);
      for (const row of rows) {
        seen = Math.max(seen, Number(row['seq']));
        if (row['writer'] !== writer && isNoun(row['noun'])) tell({ noun: row['noun'], id: typeof row['id'] === 'string' ? row['id'] : null });
      }
    } catch (error) {
      log.warn('Changes of other processes could not be read.', { error: String(error) });
    }
  };
  const noteChange = (noun: Noun, id: string | null) => {
    database.run('INSERT INTO changes (noun, id, writer) VALUES (?, ?, ?)', [noun, id, writer]);
    const seq = lastChange();
    if (seq % 200 === 0) database.run('DELETE FROM changes WHERE seq < ?', [seq - keptChanges]);
  };

  const audit = auditTrail(database, clock, clockWatch(database, clock, ticks ?? null), () => { noteChange('audit', null); tell({ noun: 'audit', id: null }); });
  const tampered: Array<{ place: string; message: string }> = [];
  const key = openSealKey(dataDir);
  const checkpoints = checkpointSeals(database, key);
  const logs = logSeals(database, key);
  const seals = recordSeals(database, key, (place, message) => tampered.push({ place, message }));
  /** After the write that replaces them, so that no head is signed for an entry that is rolled back. */
  const tellTampered = () => { for (const { place, message } of tampered.splice(0)) audit.append({ actor: 'Millwright', action: 'store.tampered', subject: place, detail: { message } }); };
  sealOnce();

  /** Rows from before there were seals are taken as they are; the audit trail says so. Level 1: records. Level 2: jobs, their logs, counters. */
  function sealOnce(): void {
    if (sealedLevel(dataDir) >= sealLevel) return;
    const levelOf = () => Number(database.get(`SELECT value FROM counters WHERE name = 'sealed'`)?.['value'] ?? 0);
    if (levelOf() < sealLevel) database.transaction(() => {
      const level = levelOf();
      if (level >= sealLevel) return; // another process was first
      const records = level < 1 ? seals.sealAll() : 0;
      database.run(`INSERT INTO counters (name, value) VALUES ('sealed', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, [sealLevel]);
      const logLines = logs.sealAll();
      const jobs = seals.sealAll([jobNoun]);
      seals.sealAll([logNoun, counterNoun]);
      if (records + jobs + logLines > 0) audit.append({ actor: 'Millwright', action: 'store.sealed', subject: 'all records', detail: { records, jobs, logLines } });
    });
    noteSealedLevel(dataDir, sealLevel);
  }

  /** A write of what is sealed: done to it past Millwright is noted first, and the seal is made anew with it. */
  function sealedWrite<T>(noun: string, id: string, steps: () => T): T {
    const result = database.transaction(() => {
      seals.before(noun, id);
      const made = steps();
      seals.written(noun, id);
      return made;
    });
    tellTampered();
    return result;
  }

  return {
    database,
    jobSeals: {
      ...checkpoints,
      job: (id, steps) => sealedWrite(jobNoun, id, steps),
      addLines(id, steps) { sealedWrite(logNoun, id, () => { for (const seq of steps()) logs.seal(seq); }); },
    },
    changed(noun, id) { try { noteChange(noun, id); } finally { tell({ noun, id }); } }, // who listens here learns it also where the disk is full
    collection(noun, schema) {
      const parse = (body: unknown, id: unknown) => {
        const result = schema.safeParse(jsonOrNull(String(body)));
        if (result.success) return result.data;
        log.warn('A stored record does not fit its schema and is left out.', { noun, id: String(id), problem: result.error.issues[0]?.message ?? '' });
        return null;
      };
      return {
        get(id) {
          const row = database.get('SELECT body FROM records WHERE noun = ? AND id = ?', [noun, id]);
          return row ? parse(row['body'], id) : null;
        },
        list: () => database.all('SELECT id, body FROM records WHERE noun = ? ORDER BY seq DESC', [noun])
          .map((row) => parse(row['body'], row['id'])).filter((record) => record !== null),
        put(record) {
          database.transaction(() => {
            seals.before(noun, record.id);
            seals.before(counterNoun, 'records');
            database.run(`INSERT INTO counters (name, value) VALUES ('records', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1`);
            seals.written(counterNoun, 'records');
            database.run(`INSERT INTO records (noun, id, body, seq) VALUES (?, ?, ?, (SELECT value FROM counters WHERE name = 'records'))
              ON CONFLICT (noun, id) DO UPDATE SET body = excluded.body`, [noun, record.id, JSON.stringify(record)]);
            seals.written(noun, record.id);
            noteChange(noun, record.id);
          });
          tellTampered();
          tell({ noun, id: record.id });
        },
        remove(id) {
          const removed = database.transaction(() => {
            seals.before(noun, id);
            const { changes } = database.run('DELETE FROM records WHERE noun = ? AND id = ?', [noun, id]);
            seals.removed(noun, id);
            if (changes > 0) noteChange(noun, id);
            return changes > 0;
          });
          tellTampered();
          if (removed) tell({ noun, id });
          return removed;
        },
      };
    },
    value: (name, schema) => ({
      get() {
        const row = database.get('SELECT body FROM named_values WHERE name = ?', [name]);
        if (!row) return null;
        const result = schema.safeParse(jsonOrNull(String(row['body'])));
        if (!result.success) log.warn('A stored value does not fit its schema and is left out.', { name });
        return result.success ? result.data : null;
      },
      set(value) {
        const noun: Noun = isNoun(name) ? name : 'settings';
        database.transaction(() => {
          seals.before(valueNoun, name);
          database.run('INSERT INTO named_values (name, body) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET body = excluded.body', [name, JSON.stringify(value)]);
          seals.written(valueNoun, name);
          noteChange(noun, name);
        });
        tellTampered();
        tell({ noun, id: name });
      },
    }),
    audit,
    checkRecords: () => [...seals.check(), ...checkpoints.check(), ...logs.check()],
    atomically(steps) {
      if (held !== null) return steps();
      const told: Array<{ noun: Noun; id: string | null }> = [];
      held = told;
      let result;
      try { result = database.transaction(steps); } finally { held = null; }
      for (const change of told) tell(change);
      return result;
    },
    copyTo: (path) => { database.run('VACUUM INTO ?', [path]); },
    onChange(listener) {
      listeners.add(listener);
      if (!timer) { timer = setInterval(poll, pollMs); timer.unref(); }
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0 && timer) { clearInterval(timer); timer = null; }
      };
    },
    close() {
      if (timer) clearInterval(timer);
      timer = null;
      listeners.clear();
      database.close();
    },
  };
}
