// A report is a pure function of its receipt: every section, each with content or with NOT PERFORMED and the reason.
import { accuracyParts } from './parts/accuracy.ts';
import { annexParts } from './parts/annexes.ts';
import { closingParts } from './parts/closing.ts';
import { frontParts } from './parts/front.ts';
import { identityParts } from './parts/identity.ts';
import { parityParts } from './parts/parity.ts';
import type { Parts, ReportIdentity } from './parts/Part.ts';
import { performanceParts } from './parts/performance.ts';
import { purposeParts } from './parts/purpose.ts';
import { qualificationParts } from './parts/qualification.ts';
import type { ReportModel, Section } from './model.ts';
import type { ValidationReceipt } from './receipt.ts';
import { safeReport } from './safeReport.ts';
import { sectionTable, type SectionId } from './sections.ts';
import { sectionsLeftOut, withTemplate } from './templates.ts';
import { inRecordedWords } from './texts/recordedWords.ts';
import { say, translated } from './texts/say.ts';

export type { ReportIdentity } from './parts/Part.ts';

const parts: Parts<SectionId> = { ...frontParts, ...purposeParts, ...identityParts, ...qualificationParts, ...accuracyParts, ...parityParts, ...performanceParts, ...closingParts, ...annexParts };

/** All sections in order. Foreign text is made safe to lay out here, once; each renderer escapes it for its format. */
export function buildReport(recorded: ValidationReceipt, identity: ReportIdentity): ReportModel {
  const receipt = recorded.language === 'en' ? recorded : inRecordedWords(recorded);
  const left = sectionsLeftOut(receipt.template);
  const sections = sectionTable.filter(({ id }) => !left.includes(id)).map(({ id, number, title: key }): Section => {
    const title = say(key);
    const content = withTemplate(receipt, id, parts[id](receipt, identity));
    if ('reason' in content) return { id, number, title, performed: false, reason: receipt.notPerformed[id] ?? content.reason, blocks: [] };
    return { id, number, title, performed: true, reason: null, blocks: [...content] };
  });
  return safeReport(translated(receipt.language, {
    format: 1, language: receipt.language, template: receipt.template, paper: receipt.paper, reportSha256: identity.reportSha256, generator: `Millwright ${receipt.productVersion}`, id: receipt.id, title: receipt.title, revision: receipt.revision, takenAt: receipt.takenAt,
    station: receipt.station?.name ?? null, author: receipt.author.name, verdict: receipt.verdict, exploratory: receipt.exploratory, attempt: receipt.attempt, sections,
  }));
}
