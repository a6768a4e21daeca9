// The long tampering run: many random edits of a package, of the files beside it, of the database and of the audit trail; every one must be found at its place.
// usage: npm run fuzz:tampering -- [--edits 1000] [--seed 1] [--out FILE.json]
import { writeFileSync } from 'node:fs';
import { cpus, totalmem, type as systemType, release, arch } from 'node:os';
import { openTamperBed, tamperKinds } from './tamper.ts';

const option = (name: string, fallback: string) => { const at = process.argv.indexOf(`--${name}`); return at < 0 ? fallback : process.argv[at + 1] ?? fallback; };
const edits = Number(option('edits', '1000'));
const seed = Number(option('seed', '1'));

const tampering = await openTamperBed();
const started = Date.now();
const byKind: Record<string, { edits: number; found: number }> = {};
const byFinding: Record<string, number> = {};
const missed: unknown[] = [];
const untouched = await tampering.check();
for (let index = 0; index < edits; index++) {
  const kind = tamperKinds[index % tamperKinds.length];
  if (!kind) continue;
  const result = await tampering.tamper(kind, seed * 1_000_003 + index);
  const counts = (byKind[kind] ??= { edits: 0, found: 0 });
  counts.edits += 1;
  if (result.found) counts.found += 1;
  else missed.push({ index, kind, ...result });
  for (const id of new Set(result.findings.map((finding) => finding.id))) byFinding[id] = (byFinding[id] ?? 0) + 1;
  if (index % 100 === 0) process.stderr.write(`${index} of ${edits}, ${missed.length} missed\n`);
}
const falseAlarms = [...untouched, ...await tampering.check()];
tampering.bed.close();
const passed = missed.length === 0 && falseAlarms.length === 0;
const report = {
  edits, seed, passed, found: edits - missed.length, falseAlarms: falseAlarms.length, byKind, byFinding, durationSeconds: Math.round((Date.now() - started) / 1000),
  machine: { cpu: cpus()[0]?.model ?? 'unknown', threads: cpus().length, memoryBytes: totalmem(), system: `${systemType()} ${release()} ${arch()}`, node: process.version },
  missed: missed.slice(0, 20),
};
const out = option('out', '');
if (out !== '') writeFileSync(out, `${JSON.stringify(report, null, 2)}\n`);
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
process.exitCode = passed ? 0 : 1;
