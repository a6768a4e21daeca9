// The templates of a report: which sections each prints, and what GMP adds. What a short report leaves out is named in its summary.
import type { ReportTemplate } from '#shared/contract/validation';
import { column, paragraph, table, type Cell } from './model.ts';
import type { Content } from './parts/Part.ts';
import type { ValidationReceipt } from './receipt.ts';
import { sectionTable, type SectionId } from './sections.ts';
import { say } from './texts/say.ts';
import type { TextKey } from './texts/en.ts';

const short: readonly SectionId[] = ['cover', 'approvals', 'revisions', 'summary', 'limits', 'model', 'data', 'accuracy', 'parity', 'performance', 'deviations', 'conclusion', 'annexManifests'];

export const sectionsLeftOut = (template: ReportTemplate): readonly SectionId[] => (template === 'short' ? sectionTable.map(({ id }) => id).filter((id) => !short.includes(id)) : []);

/** What a rule asks for and where the report speaks of it. Sources: 21 CFR 11.10(e), 11.50, 11.70; EU GMP Annex 11 (2011) clauses 4, 9, 14; draft EU GMP Annex 22 (2025). */
const expectations: ReadonlyArray<readonly [source: string, what: TextKey, sections: readonly SectionId[]]> = [
  ['21 CFR 11.50', 'Printed name, date and time, and meaning of each signature', ['approvals']],
  ['21 CFR 11.70', 'Signatures are bound to the record that they sign', ['annexManifests']],
  ['21 CFR 11.10(e), Annex 11.9', 'Audit trail with time, person, old and new value', ['annexAudit']],
  ['Annex 11.4', 'Validation documents, with deviations and changes', ['revisions', 'deviations']],
  ['Annex 22 (draft)', 'Intended use, and what lies outside of it', ['intendedUse']],
  ['Annex 22 (draft)', 'Acceptance limits fixed before the test', ['limits']],
  ['Annex 22 (draft)', 'Test data independent of training and calibration', ['data']],
  ['Annex 22 (draft)', 'Results by subgroup, with their uncertainty', ['accuracy']],
  ['Annex 22 (draft)', 'The same input gives the same output', ['parity']],
  ['Annex 22 (draft)', 'Explanations of decisions', ['explanations']],
  ['Annex 22 (draft)', 'Monitoring in operation, and when to test again', ['operation']],
];

/** Adds to a section what its template asks for. */
export function withTemplate(receipt: ValidationReceipt, id: SectionId, content: Content): Content {
  if ('reason' in content) return content;
  if (receipt.template === 'short' && id === 'summary') {
    const left = sectionTable.filter((section) => sectionsLeftOut('short').includes(section.id));
    return [...content, paragraph(say('Short report: these sections are left out and stand in the full one; receipt.json holds their facts: {sections}.', { sections: left.map(({ number, title }) => `${number} ${say(title)}`).join(', ') }), 'muted')];
  }
  if (receipt.template === 'gmp' && id === 'approvals') {
    return [...content, table('Release by the quality unit (ink)', [column('Decision', 1.6), column('Printed name', 1.4), column('Date', 1), column('Signature (ink)', 1.6)], [[say('released'), '', '', ''], [say('released with conditions'), '', '', ''], [say('not released'), '', '', '']], { minRowHeight: 26 })];
  }
  if (receipt.template === 'gmp' && id === 'revisions') {
    return [...content, table('What rules ask for, and where this report supports it', [column('Source', 1.4), column('What', 3), column('Section', 1.6)],
      expectations.map(([source, what, sections]): Cell[] => [source, say(what), sections.map((section) => { const row = sectionTable.find((each) => each.id === section); return row ? `${row.number} ${say(row.title)}` : section; }).join(', ')])),
    paragraph('The table supports an assessment; it does not show by itself that a rule is met.', 'muted')];
  }
  return content;
}
