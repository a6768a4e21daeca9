// Opens the SQLite database of a data folder: WAL, every commit synced, two processes at once, schema brought up to date.
import { join } from 'node:path';
import Libsql from 'libsql';
import { AppError, isAppError } from '#shared/errors';
import { makeFolder } from '../files/makeFolder.ts';
import { migrations } from './migrations.ts';

export type Row = Readonly<Record<string, unknown>>;
export type SqlValue = string | number | bigint | null | Uint8Array;

/** The part of the database that the store and the jobs use; parameters always travel as one array (a bare Buffer would abort libsql). */
export interface Database {
  run(sql: string, values?: readonly SqlValue[]): { readonly changes: number };
  get(sql: string, values?: readonly SqlValue[]): Row | undefined;
  all(sql: string, values?: readonly SqlValue[]): Row[];
  /** Runs the steps in one IMMEDIATE transaction: all or none. */
  transaction<T>(steps: () => T): T;
  close(): void;
}

/** `path` is named in errors only. */
export function translateSqlError(error: unknown, path: string): AppError {
  if (isAppError(error)) return error;
  const text = error instanceof Error ? `${error.message} ${'code' in error ? String(error.code) : ''}` : String(error);
  if (/SQLITE_FULL|disk is full|disk I\/O error/i.test(text)) return new AppError('DISK_FULL', `The database ${path} cannot be written: the disk is full or fails.`, { cause: error });
  if (/SQLITE_READONLY|readonly database|attempt to write a readonly/i.test(text)) return new AppError('PERMISSION_DENIED', `The database ${path} cannot be written: this user has no permission.`, { cause: error });
  if (/SQLITE_CANTOPEN|unable to open/i.test(text)) return new AppError('PERMISSION_DENIED', `The database ${path} cannot be opened: the folder may not be written.`, { cause: error });
  if (/SQLITE_BUSY|database is locked|SQLITE_LOCKED/i.test(text)) return new AppError('BUSY', `The database ${path} is in use by another program for too long.`, { cause: error });
  if (/SQLITE_NOTADB|file is not a database|SQLITE_CORRUPT|malformed/i.test(text)) return new AppError('BAD_DATA', `The database ${path} is damaged.`, { cause: error, hint: 'Restore it from a backup, or choose another data folder with --data-dir.' });
  return new AppError('INTERNAL', 'The database refused a request.', { cause: error });
}

export function openDatabase(dataDir: string): Database {
  const path = join(dataDir, 'millwright.db');
  makeFolder(dataDir);
  const guard = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw translateSqlError(error, path);
    }
  };
  const connection = guard(() => new Libsql(path, { timeout: 10_000 }));
  const statements = new Map<string, Libsql.Statement>();
  const prepare = (sql: string) => {
    let statement = statements.get(sql);
    if (!statement) statements.set(sql, (statement = connection.prepare(sql)));
    return statement;
  };
  let depth = 0;
  const database: Database = {
    run: (sql, values = []) => guard(() => ({ changes: prepare(sql).run([...values]).changes })),
    get: (sql, values = []) => guard(() => prepare(sql).get([...values]) as Row | undefined), // libsql types rows as unknown
    all: (sql, values = []) => guard(() => prepare(sql).all([...values]) as Row[]),
    transaction: (steps) => guard(() => {
      if (depth > 0) return steps();
      connection.exec('BEGIN IMMEDIATE');
      depth++;
      try {
        const result = steps();
        connection.exec('COMMIT');
        return result;
      } catch (error) {
        try { connection.exec('ROLLBACK'); } catch { /* SQLite rolled back by itself, as it does when the disk is full */ }
        throw error;
      } finally {
        depth--;
      }
    }),
    close: () => { statements.clear(); connection.close(); },
  };
  guard(() => {
    connection.exec('PRAGMA journal_mode = WAL');
    connection.exec('PRAGMA synchronous = FULL');
    connection.exec('PRAGMA foreign_keys = ON');
    connection.exec('PRAGMA busy_timeout = 10000');
  });
  migrate(database, (sql) => guard(() => { connection.exec(sql); }), path);
  return database;
}

function migrate(database: Database, exec: (sql: string) => void, path: string): void {
  const version = () => Number(database.get('PRAGMA user_version')?.['user_version'] ?? 0);
  if (version() > migrations.length) throw new AppError('BAD_DATA', `The database ${path} was made by a newer version of Millwright.`, { hint: 'Update Millwright, or choose another data folder with --data-dir.' });
  if (version() === migrations.length) return;
  database.transaction(() => {
    for (let next = version(); next < migrations.length; next++) exec(migrations[next] ?? '');
    exec(`PRAGMA user_version = ${migrations.length}`);
  });
}
