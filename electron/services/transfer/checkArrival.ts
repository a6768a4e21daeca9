// Checks a carried folder: every file against its hash, the evidence against its signatures, and that both speak of the same model.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { carriedStationSchema, type Arrival, type CarriedStation } from '#shared/contract/transfer';
import { AppError } from '#shared/errors';
import type { Finding } from '#shared/finding';
import { knownKeys } from '../evidence/keyring.ts';
import { readEvidenceFile, verifyZip } from '../evidence/verifyEvidence.ts';
import { sha256OfFile } from '../files/sha256OfFile.ts';
import { withFileErrors } from '../files/translateFileError.ts';
import type { Services } from '../Services.ts';
import { evidenceName, listFolder, modelName, readSums, stationName, sumsName } from './carriedFolder.ts';

const textBytesMax = 1 << 20;
const remedy = 'Do not use this copy; pack the station again on the machine that it comes from.';

/** Reads only; nothing of the folder is taken over. NOT_FOUND and BAD_INPUT where there is no folder; whatever is in it ends in findings. */
export async function checkArrival(services: Pick<Services, 'dataDir'>, path: string, signal: AbortSignal): Promise<Arrival> {
  const info = await withFileErrors(path, 'read', () => stat(path));
  if (!info.isDirectory()) throw new AppError('BAD_INPUT', `${path} is a file; a carried station is a folder.`, { hint: 'An evidence zip alone is checked on the Evidence screen.' });
  const findings: Finding[] = [];
  const error = (id: string, place: string, message: string) => { findings.push({ id, severity: 'error', place, message, remedy }); };
  const present = new Map((await listFolder(path)).map((entry) => [entry.name, entry]));
  const text = async (name: string): Promise<string | null> => {
    const entry = present.get(name);
    if (entry?.kind !== 'file' || entry.sizeBytes > textBytesMax) { error('TRANSFER_MISSING_FILE', name, 'The file is missing, or is no file of its kind.'); return null; }
    return withFileErrors(join(path, name), 'read', () => readFile(join(path, name), 'utf8'));
  };

  const sums = await text(sumsName);
  const read = sums === null ? null : readSums(sums);
  if (read && 'badLine' in read) error('TRANSFER_SUMS', `${sumsName}, line ${read.badLine}`, 'The line is no hash and name inside the folder.');
  const lines = read && 'lines' in read ? read.lines : [];
  for (const { name, sha256 } of lines) {
    signal.throwIfAborted();
    const entry = present.get(name);
    if (!entry) error('TRANSFER_MISSING_FILE', name, 'The file is listed, but not in the folder.');
    else if (entry.kind !== 'file') error('TRANSFER_NO_FILE', name, 'It is a link or a device, and a file is needed.');
    else if (await sha256OfFile(join(path, name)) !== sha256) error('TRANSFER_CHANGED', name, 'The file was changed or damaged on the way: its SHA-256 is not the listed one.');
  }
  const listed = new Map(lines.map((line) => [line.name, line.sha256]));
  if (read && 'lines' in read) for (const name of [stationName, evidenceName, modelName]) if (!listed.has(name)) error('TRANSFER_MISSING_FILE', name, `The file is not listed in ${sumsName}; a carried station always holds it.`);
  for (const { name } of present.values()) if (name !== sumsName && !listed.has(name)) findings.push({ id: 'TRANSFER_EXTRA_FILE', severity: 'warning', place: name, message: `The file is not listed in ${sumsName}: it was added later, and is not looked at.` });

  const opened = present.get(evidenceName)?.kind === 'file' ? verifyZip(await readEvidenceFile(join(path, evidenceName)), knownKeys(services.dataDir)) : null;
  for (const finding of opened?.findings ?? []) findings.push({ ...finding, place: `${evidenceName}: ${finding.place}` });
  const modelSha256 = listed.get(modelName) ?? null;
  if (opened?.report && modelSha256 !== null && opened.report.modelSha256 !== modelSha256) error('TRANSFER_OTHER_MODEL', modelName, 'The evidence speaks of another model: its SHA-256 is not that of the model here.');
  const carried = readCarried(present.has(stationName) ? await text(stationName) : null);
  if (carried === null && present.has(stationName)) error('TRANSFER_STATION', stationName, 'The file is not in its form.');

  const valid = !findings.some((finding) => finding.severity === 'error');
  return {
    valid, path, files: lines.length, findings, carried, modelPath: valid ? join(path, modelName) : null,
    verdict: opened?.verdict ?? null, signatures: opened?.signatures ?? [], knownKey: opened?.knownKey ?? false,
  };
}

function readCarried(text: string | null): CarriedStation | null {
  if (text === null) return null;
  try { return carriedStationSchema.parse(JSON.parse(text)); } catch { return null; }
}
