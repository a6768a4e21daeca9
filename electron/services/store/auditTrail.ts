// The audit trail: an append-only chain where each entry holds the hash of the one before it.
import { createHash } from 'node:crypto';
import type { AuditEntry } from '#shared/contract/evidence';
import { jsonOrNull } from '#shared/jsonOrNull';
import { canonicalJson } from './canonicalJson.ts';
import type { ClockWatch } from './clockWatch.ts';
import type { Database, Row } from './openDatabase.ts';
import type { Store } from './Store.ts';

/** The hash that the first entry refers to. */
export const auditGenesisHash = '0'.repeat(64);

/** hash = SHA-256 of prevHash followed by the canonical JSON of the other fields. */
export function auditHash(entry: Omit<AuditEntry, 'hash'>): string {
  const { prevHash, seq, at, actor, action, subject, detail } = entry;
  return createHash('sha256').update(prevHash).update(canonicalJson({ seq, at, actor, action, subject, detail: detail ?? null })).digest('hex');
}

const toEntry = (row: Row): AuditEntry => ({
  seq: Number(row['seq']), at: String(row['at']), actor: String(row['actor']), action: String(row['action']), subject: String(row['subject']),
  detail: detailOf(String(row['detail'])), prevHash: String(row['prev_hash']), hash: String(row['hash']),
});

/** Another spelling than the one that was hashed (a space, a key twice, no JSON at all) was not written by Millwright: it is handed out so that it does not have the hash. */
function detailOf(text: string): unknown {
  const value = jsonOrNull(text);
  return canonicalJson(value) === text ? value : { notAsWritten: text };
}

export function auditTrail(database: Database, clock: () => number, watch: ClockWatch, changed: () => void): Store['audit'] {
  const lastRow = () => database.get('SELECT seq, at, hash FROM audit ORDER BY seq DESC LIMIT 1');
  const insert = ({ actor, action, subject, detail }: Parameters<Store['audit']['append']>[0]): AuditEntry => {
    const last = lastRow();
    const body = {
      seq: Number(last?.['seq'] ?? 0) + 1, at: new Date(clock()).toISOString(), actor, action, subject,
      detail: JSON.parse(JSON.stringify(detail ?? null)) as unknown, prevHash: last ? String(last['hash']) : auditGenesisHash,
    };
    const entry: AuditEntry = { ...body, hash: auditHash(body) };
    database.run('INSERT INTO audit (seq, at, actor, action, subject, detail, prev_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      [entry.seq, entry.at, actor, action, subject, canonicalJson(entry.detail), entry.prevHash, entry.hash]);
    return entry;
  };
  /** Before any entry that bears the new time. */
  const noteJump = (): AuditEntry | null => {
    const last = lastRow();
    const jump = watch.missing(last ? String(last['at']) : null);
    return jump && insert({ actor: 'Millwright', action: 'clock.jump', subject: 'clock', detail: jump });
  };
  return {
    append(body) {
      const entry = database.transaction(() => { noteJump(); return insert(body); });
      changed();
      return entry;
    },
    checkClock() {
      const entry = database.transaction(noteJump);
      watch.settle();
      if (entry !== null) changed();
      return entry;
    },
    list(limit) {
      const entries = database.all('SELECT * FROM audit ORDER BY seq DESC LIMIT ?', [limit]).map(toEntry);
      return { entries, total: Number(database.get('SELECT count(*) AS n FROM audit')?.['n'] ?? 0) };
    },
    *all() {
      for (let after: number = -Number.MAX_SAFE_INTEGER; ;) { // entries count from 1; one before that was put there by somebody else
        const page = database.all('SELECT * FROM audit WHERE seq > ? ORDER BY seq LIMIT 500', [after]).map(toEntry);
        yield* page;
        const last = page[page.length - 1];
        if (!last) return;
        after = last.seq;
      }
    },
  };
}
