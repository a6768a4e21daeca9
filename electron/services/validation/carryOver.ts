// Takes from an earlier report the results of the sections that are not run again: only for the same model, reference and samples.
import { evidenceRecordSchema } from '#shared/contract/evidence';
import { describeDecision, type Decision } from '#shared/contract/decision';
import { describeRuntime, type RuntimeOptions } from '#shared/contract/runtimeOptions';
import { rerunSections, validationOutputSchema, type RerunSection, type ValidationOutput } from '#shared/contract/validation';
import { AppError } from '#shared/errors';
import { knownKeys } from '../evidence/keyring.ts';
import { receiptIn } from '../evidence/receiptIn.ts';
import { readEvidenceFile, verifyZip } from '../evidence/verifyEvidence.ts';
import type { ZipEntry } from '../evidence/zipContainer.ts';
import type { ValidationReceipt } from '#core/report/receipt';
import { sectionTable } from '#core/report/sections';
import type { Answer } from '#core/statistics/answers';
import type { Services } from '../Services.ts';
import type { ExplainedRun } from './explainModel.ts';

export interface CarriedOver {
  /** Null: to be run again. */
  readonly predictions: { done: number; answers: Answer[][] } | null;
  readonly compare: ValidationOutput['compare'];
  readonly bench: ValidationOutput['bench'];
  readonly repeatability: ValidationOutput['repeatability'];
  readonly selfTests: ValidationOutput['selfTests'] | null;
  readonly robustness: { readonly curves: ValidationOutput['robustness']; readonly reason: string | null } | null;
  readonly explained: ExplainedRun | null;
  /** Files that people put to the earlier report, and the package that holds them. */
  readonly attachments: ValidationReceipt['attachments'];
  readonly attached: readonly ZipEntry[];
  /** Of the earlier report, for the new one. */
  readonly print: Pick<ValidationReceipt, 'template' | 'language' | 'paper'>;
  /** For the log and the report: what is new and what is not. */
  readonly note: string;
}

interface Now { readonly modelSha256: string; readonly referenceSha256: string | null; readonly manifestSha256: string; readonly names: readonly string[]; readonly runtime: RuntimeOptions; readonly decision: Decision | null }

const numberOf = (section: RerunSection): string => sectionTable.find(({ id }) => id === section)!.number; // each has a line there

/** NOT_FOUND; EVIDENCE_INVALID where the earlier package was changed; BAD_INPUT where it is of another model, reference or data: then all has to be run. */
export async function carryOver(services: Services, { evidenceId, sections }: { readonly evidenceId: string; readonly sections: readonly RerunSection[] }, now: Now): Promise<CarriedOver> {
  const record = services.store.collection('evidence', evidenceRecordSchema).get(evidenceId);
  const output = record?.validationId ? services.store.collection('validations', validationOutputSchema).get(record.validationId) : null;
  if (!record || !output) throw new AppError('NOT_FOUND', `There is no evidence ${evidenceId} of a run that was made here.`);
  const { valid, entries } = verifyZip(await readEvidenceFile(record.paths.zip), knownKeys(services.dataDir));
  if (!valid) throw new AppError('EVIDENCE_INVALID', 'The report whose sections would be carried over was changed after it was signed.', { hint: 'Run the whole validation.' });
  const { receipt } = receiptIn(entries, record.paths.zip);
  for (const [what, before, after] of [['model', output.modelSha256, now.modelSha256], ['reference', output.referenceSha256, now.referenceSha256], ['data set', output.manifestSha256, now.manifestSha256]] as const) {
    if (before !== after) throw new AppError('BAD_INPUT', `The ${what} is not the one of ${evidenceId}, so no section of it can be carried over.`, { hint: 'Run the whole validation.' });
  }
  const again = (section: RerunSection) => sections.includes(section);
  // One report speaks of one setting of the runtime.
  if ((['accuracy', 'parity', 'robustness', 'performance'] as const).some((section) => !again(section)) && (output.runtime === null || describeRuntime(output.runtime) !== describeRuntime(now.runtime))) {
    throw new AppError('BAD_INPUT', `The runtime is set as "${describeRuntime(now.runtime)}" now, and was ${output.runtime === null ? 'not recorded' : `"${describeRuntime(output.runtime)}"`} in ${evidenceId}: figures of both cannot stand in one report.`, { hint: 'Run accuracy, parity, robustness and performance again, or the whole validation.' });
  }
  const said = (decision: Decision | null) => (decision === null ? 'not recorded' : describeDecision(decision));
  if ((['accuracy', 'parity', 'robustness'] as const).some((section) => !again(section)) && said(output.decision) !== said(now.decision)) {
    throw new AppError('BAD_INPUT', `The decision is "${said(now.decision)}" now, and was "${said(output.decision)}" in ${evidenceId}: figures of both cannot stand in one report.`, { hint: 'Run accuracy, parity and robustness again, or the whole validation.' });
  }
  const rows = receipt.samples;
  const fits = rows.length === now.names.length && rows.every((row, index) => row.sample === now.names[index] && row.predicted !== null);
  const answers: Answer[][] = [rows.map((row) => ({ predicted: row.predicted ?? '', score: row.score, ...(row.scores === undefined ? {} : { scores: row.scores }) })), ...(now.referenceSha256 === null ? [] : [rows.map((row) => ({ predicted: row.referencePredicted ?? '', score: null }))])];
  const kept = rerunSections.filter((section) => !again(section) && section !== 'iq'); // the machine is looked at in each run
  return {
    predictions: again('accuracy') || !fits ? null : { done: rows.length, answers },
    compare: again('parity') ? null : output.compare, repeatability: again('parity') ? null : output.repeatability,
    bench: again('performance') ? null : output.bench, selfTests: again('oq') ? null : output.selfTests, robustness: again('robustness') ? null : { curves: output.robustness, reason: receipt.notPerformed.robustness ?? null },
    explained: again('accuracy') ? null : { explained: receipt.explained, reason: receipt.notPerformed.explanations ?? null },
    attachments: receipt.attachments, attached: entries,
    print: { template: receipt.template, language: receipt.language, paper: receipt.paper },
    note: `Run again: § ${rerunSections.filter((section) => again(section) || section === 'iq').map(numberOf).join(', ')}. Carried over from the report ${record.reportSha256} of ${receipt.takenAt}: § ${kept.map(numberOf).join(', ') || 'none'}.`,
  };
}
