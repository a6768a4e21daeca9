// Tampers with evidence in one random way, asks the checks that a person would run, and says whether they found it and named the place.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Finding } from '#shared/finding';
import { settingsSchema } from '#shared/contract/app';
import type { AuditEntry } from '#shared/contract/evidence';
import { jobTable } from '#host/jobs/jobTable';
import { keepAuditHead } from '#services/evidence/auditHead';
import { packageFiles } from '#services/evidence/makeEvidence';
import { signEvidence } from '#services/evidence/signEvidence';
import { verifyAudit } from '#services/evidence/verifyAudit';
import { verifyEvidence } from '#services/evidence/verifyEvidence';
import { packEntry, readZip, writeZip, type PackedEntry } from '#services/evidence/zipContainer';
import { auditGenesisHash, auditHash } from '#services/store/auditTrail';
import { lockLimits } from '#services/validation/lockLimits';
import { changeStation, createStation } from '#services/stations/stationRecords';
import { openEvidenceBed, type EvidenceBed } from '#test/golden/report/evidenceBed';
import { sampleReceipt } from '#test/golden/report/sampleReceipt';

export const tamperKinds = [
  'zip byte', 'zip byte removed', 'zip byte added', 'zip file swapped', 'zip file swapped with its manifest', 'zip file removed', 'zip file added', 'last signature cut off', 'package swapped', 'file beside swapped',
  'row changed', 'row removed', 'row added', 'row renamed', 'row removed with its seal', 'row put back to an older state', 'seal changed', 'sum changed', 'value changed',
  'audit field', 'audit detail spelled anew', 'audit entry removed', 'audit entries exchanged', 'audit entry added', 'audit entry before the first', 'audit end cut off', 'audit chain written anew', 'audit head changed', 'audit head removed',
  'checkpoint changed', 'checkpoint of another job', 'checkpoint seal changed', 'input of a stopped job changed',
  'job changed', 'job removed', 'job added', 'job put back to an older state', 'log line changed', 'log line removed', 'log line added', 'log line of another job', 'log cut short with its older seal', 'log removed', 'counter changed', 'counter removed', 'counter added',
] as const;
export type TamperKind = (typeof tamperKinds)[number];

export interface Tampered {
  /** A finding, of whatever severity, whose place is the one that was hit. */
  readonly found: boolean;
  /** What was done and where. */
  readonly edit: string;
  readonly expectedPlace: string;
  readonly findings: ReadonlyArray<Pick<Finding, 'id' | 'severity' | 'place'>>;
}

/** mulberry32 (T. Ettinger, public domain): a seed gives the same edits everywhere. */
function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * below);
  };
}

interface Edit { readonly edit: string; readonly place: RegExp; readonly hit: () => void }

export interface TamperBed {
  readonly bed: EvidenceBed;
  tamper(kind: TamperKind, seed: number): Promise<Tampered>;
  /** Nothing done: must have no findings. */
  check(): Promise<readonly Finding[]>;
}

/** A data folder with stations, limits, two packages (one signed three times) and an audit trail with a signed head. */
export async function openTamperBed(): Promise<TamperBed> {
  const bed = openEvidenceBed();
  await keepAuditHead(bed.services);
  for (let index = 1; index <= 12; index++) {
    bed.now += 1000;
    createStation(bed.services, { name: `Station ${index}`, line: `Line ${index % 3}`, description: 'Reads the lot code.', taktMs: 40 + index });
    await lockLimits(bed.services, { text: `limits:\n  - { id: ACC-${index}, metric: accuracy, min: 0.9${index} }\n` });
  }
  bed.store.value('settings', settingsSchema).set({ site: 'Plant 1', userName: 'Anna Keller', theme: 'system', engineHost: '', engineCerts: '' });
  const db = bed.store.database;
  const olderStations = db.all(`SELECT records.id, body, hash, mac FROM records JOIN seals ON seals.noun = records.noun AND seals.id = records.id WHERE records.noun = 'stations' ORDER BY records.seq`)
    .map((row) => ({ id: String(row['id']), body: String(row['body']), hash: String(row['hash']), mac: String(row['mac']) }));
  for (const { id } of olderStations) changeStation(bed.services, id, { taktMs: 60 });
  const first = await bed.make();
  const second = await bed.make(sampleReceipt({ samples: 30 }), { outputDir: join(bed.dir, 'second') });
  bed.now += 60_000;
  await signEvidence(bed.services, { path: first.paths.zip, signer: 'Ben Ott', meaning: 'reviewed' });
  await signEvidence(bed.services, { path: first.paths.zip, signer: 'Cem Aydin', meaning: 'approved' });
  const zipPath = first.paths.zip;
  const zip = readFileSync(zipPath);
  const { entries } = readZip(zip);
  const headPath = join(bed.services.dataDir, 'keys', 'audit-head.json');
  const headText = readFileSync(headPath, 'utf8');
  const audited = [...bed.store.audit.all()];
  const jobs = jobTable(db, bed.store.jobSeals, () => bed.now);
  for (const id of ['job-a', 'job-b', 'job-c']) {
    jobs.insert({ id, op: 'validation.run', title: 'Validate', subject: 'Lid seal', lane: 'exclusive', input: { model: { id: `model of ${id}` }, robustness: true } }, 'nobody');
    jobs.setCheckpoint(id, { id, predictions: { done: 512, answers: [[{ predicted: 'good', score: 0.91 }]] } });
  }
  const sealsOfJobs = () => db.all(`SELECT noun, id, hash, mac FROM seals WHERE noun IN ('job', 'job log') ORDER BY noun, id`).map((row) => ({ noun: String(row['noun']), id: String(row['id']), hash: String(row['hash']), mac: String(row['mac']) }));
  const runs = ['run-a', 'run-b', 'run-c'];
  const lineOf = (id: string, number: number) => ({ at: bed.now, line: `${id}: ${number} of 12 samples` });
  for (const id of runs) {
    jobs.insert({ id, op: 'validation.run', title: 'Validate', subject: 'Lid seal', lane: 'exclusive', input: { model: { id: `model of ${id}` } } }, 'nobody');
    jobs.addLog(id, [1, 2, 3, 4].map((number) => lineOf(id, number)));
    jobs.move(id, ['queued'], 'running');
    jobs.setOutput(id, { verdict: 'FAIL', accuracy: 0.91 });
  }
  const olderSeals = sealsOfJobs();
  for (const id of runs) {
    jobs.addLog(id, [5, 6, 7, 8].map((number) => lineOf(id, number)));
    jobs.setOutput(id, { verdict: 'FAIL', accuracy: 0.93 });
    jobs.move(id, ['running'], 'done');
  }
  const stopped = db.all('SELECT id, input, checkpoint, checkpoint_mac FROM jobs WHERE checkpoint IS NOT NULL ORDER BY seq').map((row) => ({ id: String(row['id']), input: String(row['input']), checkpoint: String(row['checkpoint']), seal: String(row['checkpoint_mac']) }));

  const check = async (): Promise<readonly Finding[]> => [...(await verifyEvidence(bed.services, zipPath)).findings, ...(await verifyAudit(bed.services)).findings];
  const escape = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const atByte = (at: number): RegExp => {
    const owner = [...entries].reverse().find((entry) => entry.offset <= at);
    const directory = at >= (entries.at(-1)?.offset ?? 0) + 30 + (entries.at(-1)?.name.length ?? 0) + (entries.at(-1)?.packed.length ?? 0);
    // A changed header can make an entry unreadable under its name; its first bytes, or the field that was hit, are named then.
    const begin = owner?.offset ?? 0;
    const bytes = [0, 1, 2, 3, 22, 30, 30 + (owner?.name.length ?? 0)].map((field) => begin + field).join('|');
    return directory ? /zip directory, byte \d+/ : new RegExp(`${escape(owner?.name ?? '')}|byte (?:${bytes})\\b`);
  };

  function plan(kind: TamperKind, random: (below: number) => number): Edit {
    const one = <T>(items: readonly T[]): T => items[random(items.length)] as T; // never of an empty list
    const writeZipFile = (bytes: Buffer) => () => writeFileSync(zipPath, bytes);
    const files = entries.filter((entry) => !entry.name.includes('manifest') && !entry.name.startsWith('signatures/'));
    const pages = entries.filter((entry) => /^signatures\/.*\.(?:html|pdf)$/.test(entry.name));
    const swapped = (entry: PackedEntry): PackedEntry => {
      const bytes = Buffer.from(entry.bytes);
      const at = random(bytes.length);
      bytes[at] = ((bytes[at] ?? 0) + 1 + random(255)) & 0xff;
      return packEntry({ name: entry.name, bytes });
    };
    const record = () => one(db.all('SELECT noun, id, body, seq FROM records ORDER BY noun, id').map((row) => ({ noun: String(row['noun']), id: String(row['id']), body: String(row['body']), seq: Number(row['seq']) })));
    const recordPlace = ({ noun, id }: { noun: string; id: string }) => new RegExp(`^record ${escape(noun)}/${escape(id)}$`);
    const scribble = (text: string) => { const at = random(text.length); return `${text.slice(0, at)}${String.fromCharCode(33 + random(90)) === text[at] ? '~' : String.fromCharCode(33 + random(90))}${text.slice(at + 1)}`; };
    const different = (text: string): string => { for (;;) { const next = scribble(text); if (next !== text) return next; } };
    const entry = () => one(audited);
    const logLine = () => { const job = one(runs); const lines = db.all('SELECT seq, line FROM job_log WHERE job_id = ? ORDER BY seq', [job]).map((row) => ({ seq: Number(row['seq']), line: String(row['line']) })); const at = random(lines.length); return { job, number: at + 1, seq: lines[at]?.seq ?? 0, line: lines[at]?.line ?? '' }; };
    const stoppedJob = () => one(stopped);
    const jobPlace = ({ id }: { readonly id: string }) => new RegExp(`^checkpoint of job ${escape(id)}$`);
    const run = (sql: string, values: ReadonlyArray<string | number>) => () => { db.run(sql, values); };
    switch (kind) {
      case 'zip byte': { const at = random(zip.length); const by = 1 + random(255); const copy = Buffer.from(zip); copy[at] = ((copy[at] ?? 0) + by) & 0xff; return { edit: `byte ${at} plus ${by}`, place: atByte(at), hit: writeZipFile(copy) }; }
      case 'zip byte removed': { const at = random(zip.length); return { edit: `byte ${at} removed`, place: atByte(at), hit: writeZipFile(Buffer.concat([zip.subarray(0, at), zip.subarray(at + 1)])) }; }
      case 'zip byte added': { const at = random(zip.length); return { edit: `a byte added before ${at}`, place: at === 0 ? /byte 0/ : atByte(at - 1), hit: writeZipFile(Buffer.concat([zip.subarray(0, at), Buffer.from([random(256)]), zip.subarray(at)])) }; }
      case 'zip file swapped': { const target = one([...files, ...pages]); const other = swapped(target); return { edit: target.name, place: new RegExp(`^${escape(target.name)}$`), hit: writeZipFile(writeZip(entries.map((each) => (each === target ? other : each)))) }; }
      case 'zip file swapped with its manifest': {
        const target = one(files);
        const other = swapped(target);
        // The old signatures stay: nobody but the key's owner can make new ones.
        const forged = readZip(packageFiles(files.map((each) => (each === target ? other : each)), () => entries.find((each) => each.name === 'manifest.sig')?.bytes ?? new Uint8Array())).entries;
        return { edit: `${target.name} and manifest.sha256`, place: new RegExp(`^(?:${escape(target.name)}|manifest\\.sig)$`), hit: writeZipFile(writeZip([...forged, ...entries.filter((each) => each.name.startsWith('signatures/'))])) };
      }
      case 'zip file removed': { const target = one(entries); return { edit: target.name, place: new RegExp(target.name.includes('sig') ? 'sig' : `^${escape(target.name)}$`), hit: writeZipFile(writeZip(entries.filter((each) => each !== target))) }; }
      case 'zip file added': { const at = random(entries.length + 1); const extra = packEntry({ name: 'annex.txt', bytes: Buffer.from('hello') }); return { edit: `annex.txt as entry ${at}`, place: /^annex\.txt$/, hit: writeZipFile(writeZip([...entries.slice(0, at), extra, ...entries.slice(at)])) }; }
      case 'last signature cut off': { const cut = 1 + random(2); return { edit: `${cut} signatures cut off`, place: new RegExp(`^signature ${4 - cut}$`), hit: writeZipFile(writeZip(entries.slice(0, -3 * cut))) }; }
      case 'package swapped': return { edit: 'another valid package in its place', place: new RegExp(`^${escape(basename(zipPath))}$`), hit: writeZipFile(readFileSync(second.paths.zip)) };
      case 'file beside swapped': {
        const target = one(['report.pdf', 'report.html', 'report.json', 'junit.xml', 'results.csv', 'bom.cdx.json']);
        const path = join(dirname(zipPath), target);
        const bytes = Buffer.from(readFileSync(path));
        const at = random(bytes.length);
        bytes[at] = ((bytes[at] ?? 0) + 1 + random(255)) & 0xff;
        return { edit: `${target} beside, byte ${at}`, place: new RegExp(`^${escape(target)}$`), hit: () => writeFileSync(path, bytes) };
      }
      case 'row changed': { const row = record(); return random(4) === 0 ? { edit: `seq of ${row.noun}/${row.id}`, place: recordPlace(row), hit: run('UPDATE records SET seq = seq + 1000 WHERE noun = ? AND id = ?', [row.noun, row.id]) } : { edit: `body of ${row.noun}/${row.id}`, place: recordPlace(row), hit: run('UPDATE records SET body = ? WHERE noun = ? AND id = ?', [different(row.body), row.noun, row.id]) }; }
      case 'row removed': { const row = record(); return { edit: `${row.noun}/${row.id}`, place: recordPlace(row), hit: run('DELETE FROM records WHERE noun = ? AND id = ?', [row.noun, row.id]) }; }
      case 'row added': { const row = record(); const id = `${row.id}-2`; return { edit: `${row.noun}/${id}`, place: recordPlace({ noun: row.noun, id }), hit: run('INSERT INTO records (noun, id, body, seq) VALUES (?, ?, ?, ?)', [row.noun, id, row.body.replace(row.id, id), 5000]) }; }
      case 'row renamed': { const row = record(); return { edit: `${row.noun}/${row.id}`, place: recordPlace(row), hit: run('UPDATE records SET id = ? WHERE noun = ? AND id = ?', [`${row.id}x`, row.noun, row.id]) }; }
      case 'row removed with its seal': { const row = record(); return { edit: `${row.noun}/${row.id}`, place: new RegExp(`^records ${escape(row.noun)}$`), hit: () => { db.run('DELETE FROM records WHERE noun = ? AND id = ?', [row.noun, row.id]); db.run('DELETE FROM seals WHERE noun = ? AND id = ?', [row.noun, row.id]); } }; }
      case 'row put back to an older state': { const old = one(olderStations); return { edit: `stations/${old.id}`, place: /^records stations$/, hit: () => { db.run('UPDATE records SET body = ? WHERE noun = ? AND id = ?', [old.body, 'stations', old.id]); db.run('UPDATE seals SET hash = ?, mac = ? WHERE noun = ? AND id = ?', [old.hash, old.mac, 'stations', old.id]); } }; }
      case 'seal changed': { const row = record(); const column = one(['hash', 'mac'] as const); const value = String(db.get('SELECT hash, mac FROM seals WHERE noun = ? AND id = ?', [row.noun, row.id])?.[column]); return { edit: `${column} of ${row.noun}/${row.id}`, place: recordPlace(row), hit: run(`UPDATE seals SET ${column} = ? WHERE noun = ? AND id = ?`, [different(value), row.noun, row.id]) }; }
      case 'sum changed': { const row = one(db.all('SELECT noun, count, sum, mac FROM seal_sums ORDER BY noun')); const noun = String(row['noun']); const column = one(['sum', 'mac', 'count'] as const); return { edit: `${column} of ${noun}`, place: new RegExp(`^records ${escape(noun)}$`), hit: column === 'count' ? run('UPDATE seal_sums SET count = count + 1 WHERE noun = ?', [noun]) : run(`UPDATE seal_sums SET ${column} = ? WHERE noun = ?`, [different(String(row[column])), noun]) }; }
      case 'value changed': { const row = one(db.all('SELECT name, body FROM named_values ORDER BY name')); const name = String(row['name']); return { edit: `value ${name}`, place: new RegExp(`^record named value/${escape(name)}$`), hit: run('UPDATE named_values SET body = ? WHERE name = ?', [different(String(row['body'])), name]) }; }
      case 'audit field': { const { seq, ...body } = entry(); const column = one(['at', 'actor', 'action', 'subject', 'detail', 'prev_hash', 'hash'] as const); const old = column === 'prev_hash' ? body.prevHash : column === 'detail' ? JSON.stringify(body.detail) : body[column]; return { edit: `${column} of entry ${seq}`, place: new RegExp(`^entry ${seq}$`), hit: run(`UPDATE audit SET ${column} = ? WHERE seq = ?`, [different(old), seq]) }; }
      case 'audit detail spelled anew': { const { seq } = entry(); const text = String(db.get('SELECT detail FROM audit WHERE seq = ?', [seq])?.['detail']); const next = one([`${text} `, ` ${text}`, text.replace('{', '{ '), `${text}\n`]); return { edit: `detail of entry ${seq}`, place: new RegExp(`^entry ${seq}$`), hit: run('UPDATE audit SET detail = ? WHERE seq = ?', [next === text ? `${text} ` : next, seq]) }; }
      case 'audit entry removed': { const { seq } = one(audited.slice(0, -1)); return { edit: `entry ${seq}`, place: new RegExp(`^entry ${seq}$`), hit: run('DELETE FROM audit WHERE seq = ?', [seq]) }; }
      case 'audit entries exchanged': { const { seq } = one(audited.slice(0, -1)); return { edit: `entries ${seq} and ${seq + 1}`, place: new RegExp(`^entry ${seq}$`), hit: () => { db.run('UPDATE audit SET seq = -1 WHERE seq = ?', [seq]); db.run('UPDATE audit SET seq = ? WHERE seq = ?', [seq, seq + 1]); db.run('UPDATE audit SET seq = ? WHERE seq = -1', [seq + 1]); } }; }
      case 'audit entry added': { const last = audited.at(-1); const seq = (last?.seq ?? 0) + 1; const hash = different(last?.hash ?? ''); return { edit: `entry ${seq}`, place: new RegExp(`^entry ${seq}$`), hit: run('INSERT INTO audit (seq, at, actor, action, subject, detail, prev_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)', [seq, last?.at ?? '', 'Mallory', 'evidence.approved', 'x', 'null', last?.hash ?? '', hash]) }; }
      case 'audit entry before the first': { const seq = -random(1000); return { edit: `entry ${seq}`, place: new RegExp(`^entry (?:1|${seq})$`), hit: run('INSERT INTO audit (seq, at, actor, action, subject, detail, prev_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)', [seq, '2026-01-01T00:00:00.000Z', 'Mallory', 'x', 'y', 'null', auditGenesisHash, 'f'.repeat(64)]) }; }
      case 'audit end cut off': { const { seq } = one(audited.slice(1)); return { edit: `entries from ${seq} on`, place: new RegExp(`^entry ${seq}$`), hit: run('DELETE FROM audit WHERE seq >= ?', [seq]) }; }
      case 'audit chain written anew': { const at = random(audited.length); const last = audited.at(-1)?.seq ?? 0; return { edit: `entry ${at + 1} changed, all after it hashed anew`, place: new RegExp(`^entry ${last}$`), hit: () => { for (const each of rechain(audited.map((old, index) => (index === at ? { ...old, subject: different(old.subject) } : old)))) db.run('UPDATE audit SET subject = ?, prev_hash = ?, hash = ? WHERE seq = ?', [each.subject, each.prevHash, each.hash, each.seq]); } }; }
      case 'audit head changed': { const text = different(headText); return { edit: 'a character of the head', place: /^keys\/audit-head\.json$/, hit: () => writeFileSync(headPath, text) }; }
      case 'checkpoint changed': { const job = stoppedJob(); return { edit: `checkpoint of ${job.id}`, place: jobPlace(job), hit: run('UPDATE jobs SET checkpoint = ? WHERE id = ?', [different(job.checkpoint), job.id]) }; }
      case 'checkpoint of another job': { const job = stoppedJob(); const other = one(stopped.filter(({ id }) => id !== job.id)); return { edit: `checkpoint of ${other.id} at ${job.id}`, place: jobPlace(job), hit: run('UPDATE jobs SET checkpoint = ?, checkpoint_mac = ? WHERE id = ?', [other.checkpoint, other.seal, job.id]) }; }
      case 'checkpoint seal changed': { const job = stoppedJob(); return { edit: `seal of the checkpoint of ${job.id}`, place: jobPlace(job), hit: random(4) === 0 ? run('UPDATE jobs SET checkpoint_mac = NULL WHERE id = ?', [job.id]) : run('UPDATE jobs SET checkpoint_mac = ? WHERE id = ?', [different(job.seal), job.id]) }; }
      case 'input of a stopped job changed': { const job = stoppedJob(); return { edit: `input of ${job.id}`, place: jobPlace(job), hit: run('UPDATE jobs SET input = ? WHERE id = ?', [different(job.input), job.id]) }; }
      case 'job changed': {
        const id = one(runs);
        const column = one(['op', 'title', 'subject', 'lane', 'state', 'input', 'output', 'error', 'attempt', 'created_at', 'started_at', 'ended_at', 'seq'] as const);
        const old = db.get(`SELECT ${column} AS value FROM jobs WHERE id = ?`, [id])?.['value'];
        return { edit: `${column} of ${id}`, place: new RegExp(`^job ${escape(id)}$`), hit: run(`UPDATE jobs SET ${column} = ? WHERE id = ?`, [typeof old === 'string' ? different(old) : typeof old === 'number' ? old + 1000 + random(1000) : 'new', id]) };
      }
      case 'job removed': { const id = one(runs); return { edit: id, place: new RegExp(`^job ${escape(id)}$`), hit: () => { db.run('DELETE FROM jobs WHERE id = ?', [id]); if (random(2) === 0) db.run('DELETE FROM job_log WHERE job_id = ?', [id]); } }; }
      case 'job added': { const id = one(runs); return { edit: `${id}-2`, place: new RegExp(`^job ${escape(id)}-2$`), hit: run(`INSERT INTO jobs (id, op, title, subject, lane, state, input, output, attempt, created_at) SELECT id || '-2', op, title, subject, lane, state, input, output, attempt, created_at FROM jobs WHERE id = ?`, [id]) }; }
      case 'job put back to an older state': { const old = one(olderSeals.filter(({ noun, id }) => noun === 'job' && runs.includes(id))); return { edit: old.id, place: /^records job$/, hit: () => { db.run(`UPDATE jobs SET output = ?, state = 'running', ended_at = NULL WHERE id = ?`, [JSON.stringify({ verdict: 'FAIL', accuracy: 0.91 }), old.id]); db.run(`UPDATE seals SET hash = ?, mac = ? WHERE noun = 'job' AND id = ?`, [old.hash, old.mac, old.id]); } }; }
      case 'log line changed': { const { job, number, seq, line } = logLine(); const time = random(4) === 0; return { edit: `${time ? 'time of ' : ''}line ${number} of ${job}`, place: new RegExp(`^log of job ${escape(job)}, line ${number}$`), hit: time ? run('UPDATE job_log SET at = at + 1 WHERE seq = ?', [seq]) : run('UPDATE job_log SET line = ? WHERE seq = ?', [different(line), seq]) }; }
      case 'log line removed': { const { job, number, seq } = logLine(); return { edit: `line ${number} of ${job}`, place: new RegExp(`^log of job ${escape(job)}$`), hit: run('DELETE FROM job_log WHERE seq = ?', [seq]) }; }
      case 'log line added': { const { job, line } = logLine(); return { edit: `a line at the end of ${job}`, place: new RegExp(`^log of job ${escape(job)}, line 9$`), hit: run('INSERT INTO job_log (job_id, at, line) VALUES (?, ?, ?)', [job, bed.now, line]) }; }
      case 'log line of another job': { const { job, number, seq } = logLine(); const other = one(runs.filter((id) => id !== job)); return { edit: `line ${number} of ${job} put under ${other}`, place: new RegExp(`^log of job ${escape(other)}, line \\d$`), hit: run('UPDATE job_log SET job_id = ? WHERE seq = ?', [other, seq]) }; }
      case 'log cut short with its older seal': { const old = one(olderSeals.filter(({ noun }) => noun === 'job log')); return { edit: `end of ${old.id}`, place: /^records job log$/, hit: () => { db.run('DELETE FROM job_log WHERE seq IN (SELECT seq FROM job_log WHERE job_id = ? ORDER BY seq DESC LIMIT 4)', [old.id]); db.run(`UPDATE seals SET hash = ?, mac = ? WHERE noun = 'job log' AND id = ?`, [old.hash, old.mac, old.id]); } }; }
      case 'log removed': { const id = one(runs); return { edit: `log of ${id}`, place: new RegExp(`^log of job ${escape(id)}$`), hit: run('DELETE FROM job_log WHERE job_id = ?', [id]) }; }
      case 'counter changed': { const name = one(['records', 'sealed']); return { edit: name, place: new RegExp(`^counter ${name}$`), hit: run('UPDATE counters SET value = value + ? WHERE name = ?', [1 + random(1000) - 2 * random(2) * 1000, name]) }; }
      case 'counter removed': { const name = one(['records', 'sealed']); return { edit: name, place: new RegExp(`^counter ${name}$`), hit: run('DELETE FROM counters WHERE name = ?', [name]) }; }
      case 'counter added': { const name = `records-${random(1000)}`; return { edit: name, place: new RegExp(`^counter ${name}$`), hit: run('INSERT INTO counters (name, value) VALUES (?, ?)', [name, random(1000)]) }; }
      case 'audit head removed': return { edit: 'the head', place: /^keys\/audit-head\.json$/, hit: () => rmSync(headPath) };
    }
  }

  return {
    bed, check,
    async tamper(kind, seed) {
      const { edit, place, hit } = plan(kind, randomOf(seed));
      const beside = ['report.pdf', 'report.html', 'report.json', 'junit.xml', 'results.csv', 'bom.cdx.json'].map((name) => join(dirname(zipPath), name)).map((path) => [path, readFileSync(path)] as const);
      let findings: readonly Finding[] = [];
      try {
        db.run('SAVEPOINT tamper');
        hit();
        findings = await check();
      } catch (error) {
        throw new Error(`${kind} #${seed} (${edit}): ${error instanceof Error ? error.stack ?? error.message : String(error)}`, { cause: error });
      } finally {
        db.run('ROLLBACK TO tamper');
        db.run('RELEASE tamper');
        writeFileSync(zipPath, zip);
        writeFileSync(headPath, headText);
        for (const [path, bytes] of beside) writeFileSync(path, bytes);
      }
      return { found: findings.some((finding) => place.test(finding.place)), edit, expectedPlace: place.source, findings: findings.slice(0, 5).map(({ id, severity, place: at }) => ({ id, severity, place: at })) };
    },
  };
}

function rechain(entries: readonly AuditEntry[]): AuditEntry[] {
  let prevHash = auditGenesisHash;
  return entries.map((entry) => { const body = { ...entry, prevHash }; const hash = auditHash(body); prevHash = hash; return { ...body, hash }; });
}
