// Annexes: raw results, log, audit extract, manifests, formulas.
import { changedFields, reasonGiven } from '#shared/auditChange';
import type { ClockJump } from '#shared/contract/evidence';
import { clockJumpWithin } from '../clockJumpWithin.ts';
import { column, facts, mono, number, paragraph, table, type Block, type Cell } from '../model.ts';
import type { ValidationReceipt } from '../receipt.ts';
import { formatNumber, formatTime } from '../text.ts';
import { recordedWords } from '../texts/recordedWords.ts';
import { say, sayAction, saySubject } from '../texts/say.ts';
import type { TextKey } from '../texts/en.ts';
import { attachmentBlocks } from './attachments.ts';
import { missing, type Parts } from './Part.ts';

const glossary: ReadonlyArray<readonly [TextKey, TextKey]> = [
  ['Accuracy', 'correct / n.'],
  ['Wilson interval', '(p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n), p = correct / n, z the normal quantile (E. B. Wilson, 1927).'],
  ['Clopper-Pearson interval', 'exact binomial bounds from beta quantiles (Clopper, Pearson, 1934).'],
  ['Escape rate', 'samples of the positive class that were not called positive / samples of the positive class.'],
  ['False-reject rate', 'samples of other classes that were called positive / samples of other classes.'],
  ['Precision, recall, F1', 'TP / (TP + FP), TP / (TP + FN), 2 · precision · recall / (precision + recall).'],
  ['Flip', 'a sample whose decision differs between the original and the optimised model.'],
  ['SQNR', '10 · log₁₀(Σ x² / Σ (x − y)²) in dB, x the original output, y the optimised.'],
  ['Cosine', 'Σ x·y / (√Σ x² · √Σ y²).'],
  ['p50, p99, p99.9', 'the latency that 50, 99, 99.9 of 100 runs stay at or below, from all samples.'],
  ['Takt', 'time per part: inference + camera + PLC must fit into it.'],
  ['Verdict on the bound', 'a limit with a confidence is judged on the unfavourable end of the interval, not on the measured value.'],
  ['Manifest hash', 'SHA-256 over the sorted names, sizes and hashes of all samples.'],
  ['NOT MEASURED', 'the limit could not be judged; the verdict of the run is then INCOMPLETE.'],
];

const seenBy: Readonly<Record<ClockJump['seen'], TextKey>> = {
  uptime: 'against the time since the machine started',
  monotonic: 'against a clock that may stand still while the machine sleeps; a jump forward may be sleep',
  'last entry': 'against the last audit entry: at least so much',
};

/** Names of models, data, stations and people stay as they are; titles of dockets and what the store calls its own are the tool's words. */
function subjectOf({ action, subject }: ValidationReceipt['audit'][number]): string {
  if (action.startsWith('court.')) return recordedWords(subject);
  return action === 'clock.jump' || action === 'people.refused' || action === 'settings.changed' || action.startsWith('store.') || action.startsWith('keys.') ? saySubject(subject) : subject;
}

/** Entries whose reason is a sentence of the tool: the openings stand in § 9. */
const ownReasons: readonly string[] = ['dataset.open', 'people.refused', 'evidence.refused'];

/** Old and new value of each field that an entry changed, and why a person did it. */
function changesTold(audit: ValidationReceipt['audit']): Block[] {
  const rows = audit.flatMap((entry): Cell[][] => {
    const reason = ownReasons.includes(entry.action) ? null : reasonGiven(entry.detail);
    const changes = changedFields(entry.detail).map(({ field, old, new: next }): [string, string, string] => [field, old ?? say('none'), next ?? say('none')]);
    if (changes.length === 0 && reason === null) return [];
    return (changes.length === 0 ? [['', '', '']] : changes).map((cells, at) => [String(entry.seq), sayAction(entry.action), ...cells, at === 0 ? reason ?? '' : '']);
  });
  return rows.length === 0 ? [] : [table('What was changed, of that extract', [number('No.', 0.4), column('Action', 1.1), column('Field', 0.9), column('Old value', 1.5), column('New value', 1.5), column('Reason', 1.2)], rows, { max: 300 })];
}

function clockJumps(audit: ValidationReceipt['audit'], startedAt: string, takenAt: string): Block[] {
  const jumps = audit.flatMap((entry) => { const jump = clockJumpWithin(entry, startedAt, takenAt); return jump === null ? [] : [{ entry, jump }]; });
  if (jumps.length === 0) return [paragraph('The audit trail knows of no jump of the clock while this run went on.')];
  return [table('Jumps of the clock while this run went on', [number('No.', 0.4), column('From', 1.3), column('To', 1.3), number('By, in seconds', 0.8), column('Seen', 2)],
    jumps.map(({ entry, jump }) => [String(entry.seq), formatTime(jump.from), formatTime(jump.to), formatNumber(jump.byMs / 1000), say(seenBy[jump.seen])]))];
}

export const annexParts: Parts<'annexResults' | 'annexLogs' | 'annexAudit' | 'annexScreens' | 'annexManifests' | 'annexFormulas'> = {
  annexResults: ({ samples }) => (samples.length === 0 ? missing('The receipt holds no results by sample.') : [
    paragraph('results.csv in the evidence package holds every row.'),
    table('Results by sample', [column('Sample', 2.4), column('Label', 1), column('Predicted', 1), number('Score', 0.8), column('Original said', 1)],
      samples.map((row): Cell[] => [row.sample, row.label ?? '', row.predicted ?? say('none'), row.score === null ? '' : formatNumber(row.score), row.referencePredicted ?? '']), { max: 200, allIn: 'results.csv' }),
  ]),
  annexLogs: ({ log }) => (log.length === 0 ? missing('No log lines were kept for this run.') : [table('Log', [column('At', 1.3), column('Line', 4)], log.map((entry) => [formatTime(entry.at), entry.line]), { max: 500 })]),
  annexAudit: ({ audit, startedAt, takenAt }) => (audit.length === 0 ? missing('No audit entries were taken into the receipt.') : [
    table('Audit trail, extract', [number('No.', 0.4), column('At', 1.6), column('Actor', 0.8), column('Action', 1.2), column('Subject', 1.3), column('Hash', 1.6, { mono: true })], audit.map((entry) => [String(entry.seq), formatTime(entry.at), entry.actor, sayAction(entry.action), subjectOf(entry), entry.hash.slice(0, 24)]), { max: 300 }),
    ...changesTold(audit),
    ...(startedAt === null ? [] : clockJumps(audit, startedAt, takenAt)),
  ]),
  annexScreens: ({ attachments }) => attachmentBlocks(attachments),
  annexManifests: ({ model, reference, data, transformation, lockedLimits, machine }, identity) => [
    facts([
      ['receipt.json (report hash)', mono(identity.reportSha256)], ['Model', mono(model.summary.sha256)], reference ? ['Reference model', mono(reference.summary.sha256)] : null,
      ['Test data manifest', mono(data.manifestSha256)], transformation?.calibration ? ['Calibration data manifest', mono(transformation.calibration.manifestSha256)] : null,
      lockedLimits ? ['Limits', mono(lockedLimits.sha256)] : null, machine ? ['Machine fingerprint', mono(machine.fingerprint)] : null,
    ]),
    paragraph('manifest.sha256 in the evidence package lists the hash of each file; manifest.sig signs it.'),
  ],
  annexFormulas: () => [facts(glossary.map(([name, meaning]) => [name, say(meaning)] as const))],
};
