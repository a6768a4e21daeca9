// The schema of the embedded database, one entry for each version; entries are only ever added.
export const migrations: readonly string[] = [
  `
  CREATE TABLE records (noun TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (noun, id)) WITHOUT ROWID;
  CREATE INDEX records_newest ON records (noun, seq DESC);
  CREATE TABLE named_values (name TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE changes (seq INTEGER PRIMARY KEY AUTOINCREMENT, noun TEXT NOT NULL, id TEXT, writer TEXT NOT NULL);
  CREATE TABLE audit (seq INTEGER PRIMARY KEY, at TEXT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL, prev_hash TEXT NOT NULL, hash TEXT NOT NULL);
  CREATE TABLE owners (id TEXT PRIMARY KEY, host TEXT NOT NULL, pid INTEGER NOT NULL, process_start TEXT NOT NULL, heartbeat_at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE jobs (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, op TEXT NOT NULL, title TEXT NOT NULL, subject TEXT NOT NULL, lane TEXT NOT NULL, state TEXT NOT NULL,
    input TEXT NOT NULL, output TEXT, error TEXT, progress TEXT, checkpoint TEXT, attempt INTEGER NOT NULL, cancel_asked INTEGER NOT NULL DEFAULT 0,
    owner TEXT, created_at INTEGER NOT NULL, started_at INTEGER, ended_at INTEGER
  );
  CREATE INDEX jobs_by_state ON jobs (state);
  CREATE TABLE job_log (job_id TEXT NOT NULL, seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, line TEXT NOT NULL);
  CREATE INDEX job_log_by_job ON job_log (job_id, seq);
  `,
  `
  CREATE TABLE seals (noun TEXT NOT NULL, id TEXT NOT NULL, hash TEXT NOT NULL, mac TEXT NOT NULL, PRIMARY KEY (noun, id)) WITHOUT ROWID;
  CREATE TABLE seal_sums (noun TEXT PRIMARY KEY, count INTEGER NOT NULL, sum TEXT NOT NULL, mac TEXT NOT NULL) WITHOUT ROWID;
  `,
  // Checkpoints from before have no seal and cannot be told from edited ones: their jobs start over.
  `
  ALTER TABLE jobs ADD COLUMN checkpoint_mac TEXT;
  UPDATE jobs SET checkpoint = NULL;
  `,
  `ALTER TABLE job_log ADD COLUMN mac TEXT;`,
];
