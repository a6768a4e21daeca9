// Sentences that a run recorded in English, found again by their pattern and marked for the language of a report; the receipt itself stays as it was written.
import type { Finding } from '#shared/finding';
import type { ModelIdentity, ValidationReceipt } from '../receipt.ts';
import { recordedTexts, sayRecorded } from './say.ts';

interface Pattern { readonly key: string; readonly test: RegExp; readonly names: readonly string[]; readonly literal: number }

const longest = 2000; // a pattern with several values takes long on text that no run of ours recorded
const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
/** Those with the most words of their own first, so that the particular one wins over the general. */
const patterns: readonly Pattern[] = recordedTexts.map((key): Pattern => {
  const parts = key.split(/\{(\w+)\}/);
  return { key, test: new RegExp(`^${parts.map((part, at) => (at % 2 === 0 ? escaped(part) : '(.+?)')).join('')}$`, 's'), names: parts.filter((_, at) => at % 2 === 1), literal: parts.filter((_, at) => at % 2 === 0).join('').length };
}).sort((a, b) => b.literal - a.literal);

/** The sentence as a text of the report; as it is where it is none of ours. Values named say… may be recorded sentences themselves. */
export function recordedWords(text: string): string {
  if (text.length > longest) return text;
  for (const { key, test, names } of patterns) {
    const match = test.exec(text);
    if (match) return sayRecorded(key, names.map((name, at): [string, string] => { const value = match[at + 1] ?? ''; return [name, name.startsWith('say') ? recordedWords(value) : value]; }));
  }
  return text;
}

const each = <T extends object, K extends keyof T>(row: T, ...fields: readonly K[]): T => Object.assign({ ...row }, Object.fromEntries(fields.map((field) => { const value = row[field]; return [field, typeof value === 'string' ? recordedWords(value) : value]; })));

/** The fields that our own code writes sentences into; what people, models and data say is not looked at. */
export function inRecordedWords(receipt: ValidationReceipt): ValidationReceipt {
  const { machine, bench, supersedes, transformation, security } = receipt;
  const findings = (list: readonly Finding[]) => list.map((finding) => each(finding, 'message', 'remedy'));
  const named = (model: ModelIdentity): ModelIdentity => ({ ...each(model, 'origin'), changes: model.changes.map(recordedWords), summary: { ...model.summary, findings: findings(model.summary.findings) } });
  return {
    ...receipt, title: recordedWords(receipt.title), remarks: receipt.remarks.map(recordedWords), limits: receipt.limits.map((limit) => each(limit, 'reason', 'limit')), selfTests: receipt.selfTests.map((test) => each(test, 'title', 'expected', 'actual')),
    robustness: receipt.robustness.map((curve) => each(curve, 'unit', 'breakRule', 'notPerformed')), rates: receipt.rates.map((rate) => each(rate, 'name', 'note')), log: receipt.log.map((line) => each(line, 'line')),
    notPerformed: Object.fromEntries(Object.entries(receipt.notPerformed).map(([section, reason]) => [section, recordedWords(reason)])), supersedes: supersedes && each(supersedes, 'reason'),
    model: named(receipt.model), reference: receipt.reference && named(receipt.reference),
    transformation: transformation && {
      ...transformation, settings: Object.fromEntries(Object.entries(transformation.settings).map(([name, value]) => [recordedWords(name), recordedWords(value)])),
      receipt: { ...transformation.receipt, findings: findings(transformation.receipt.findings), nodesKept: transformation.receipt.nodesKept.map((kept) => each(kept, 'reason')), candidates: transformation.receipt.candidates.map((candidate) => each(candidate, 'name', 'rejectedBecause')) },
    },
    data: { ...receipt.data, check: { ...receipt.data.check, findings: findings(receipt.data.check.findings) }, openings: receipt.data.openings.map((opening) => each(opening, 'reason')) },
    security: security && each(security, 'containersMissing', 'imageBomMissing'),
    runtime: receipt.runtime && each(receipt.runtime, 'note'), bench: bench && { ...bench, remarks: bench.remarks.map(recordedWords) },
    machine: machine && { ...machine, containers: each(machine.containers, 'reason'), providers: machine.providers.map((provider) => each(provider, 'reason')), preflight: machine.preflight.map((check) => each(check, 'title', 'message', 'consequence')) },
  };
}
