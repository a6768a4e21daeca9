// The sections of the validation report, in order: the frozen table that builder, renderers and receipts agree on.
import type { TextKey } from './texts/en.ts';

export const sectionTable = [
  { id: 'cover', number: '0', title: 'Cover' },
  { id: 'approvals', number: '0.1', title: 'Approvals' },
  { id: 'revisions', number: '0.2', title: 'Revisions' },
  { id: 'summary', number: '1', title: 'Summary' },
  { id: 'intendedUse', number: '2', title: 'Intended use' },
  { id: 'system', number: '3', title: 'System' },
  { id: 'risks', number: '4', title: 'Risks' },
  { id: 'limits', number: '5', title: 'Requirements and limits' },
  { id: 'traceability', number: '6', title: 'Traceability' },
  { id: 'model', number: '7', title: 'Model identity' },
  { id: 'transformation', number: '8', title: 'Transformation' },
  { id: 'data', number: '9', title: 'Test data' },
  { id: 'iq', number: '10', title: 'Installation qualification (IQ)' },
  { id: 'oq', number: '11', title: 'Operational qualification (OQ)' },
  { id: 'accuracy', number: '12', title: 'Performance qualification: accuracy' },
  { id: 'parity', number: '13', title: 'Performance qualification: parity' },
  { id: 'robustness', number: '14', title: 'Performance qualification: robustness' },
  { id: 'performance', number: '15', title: 'Performance qualification: time and memory' },
  { id: 'agreement', number: '16', title: 'Human agreement' },
  { id: 'explanations', number: '17', title: 'Explanations' },
  { id: 'security', number: '18', title: 'Security' },
  { id: 'deviations', number: '19', title: 'Deviations' },
  { id: 'operation', number: '20', title: 'Operation plan' },
  { id: 'conclusion', number: '21', title: 'Conclusion and validity' },
  { id: 'annexResults', number: 'A', title: 'Raw results' },
  { id: 'annexLogs', number: 'B', title: 'Logs' },
  { id: 'annexAudit', number: 'C', title: 'Audit extract' },
  { id: 'annexScreens', number: 'D', title: 'Screenshots and attachments' },
  { id: 'annexManifests', number: 'E', title: 'Manifests' },
  { id: 'annexFormulas', number: 'F', title: 'Glossary and formulas' },
] as const satisfies ReadonlyArray<{ readonly id: string; readonly number: string; readonly title: TextKey }>;

export type SectionId = (typeof sectionTable)[number]['id'];
export const sectionIds = sectionTable.map((section) => section.id);
