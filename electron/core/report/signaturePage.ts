// The page that shows a later signature: the report's own page of approvals was drawn before anybody but the author could sign.
import { facts, mono, paragraph, column, table, type ReportModel } from './model.ts';
import type { ReportJson } from './renderJson.ts';
import { safeReport } from './safeReport.ts';
import { formatTime } from './text.ts';
import { say, sayIfKnown, translated } from './texts/say.ts';

export interface PageSignature { readonly meaning: string; readonly signer: string; readonly role: string; readonly signedAt: string; readonly keyId: string; readonly authenticated: boolean }

/** All signatures up to and with the newest, which signs this page together with all that came before it. */
export function signaturePage(report: ReportJson, signatures: readonly PageSignature[], deviations: ReadonlyArray<{ readonly id: string; readonly severity: string; readonly text: string; readonly owner: string }>): ReportModel {
  const newest = signatures[signatures.length - 1];
  const { sections: _sections, ...head } = report;
  return safeReport(translated(head.language, {
    format: 1, language: head.language, template: head.template, paper: head.paper, reportSha256: head.reportSha256, generator: head.generator, id: head.id, title: say('Signatures: {title}', { title: head.title }), revision: head.revision, takenAt: newest?.signedAt ?? head.takenAt,
    station: head.station, author: head.author, verdict: head.verdict, exploratory: head.exploratory, attempt: head.attempt,
    sections: [
      { id: 'cover', number: '0', title: say('Signed report'), performed: true, reason: null, blocks: [
        { kind: 'verdict', verdict: head.verdict, exploratory: head.exploratory },
        facts([['Report', head.id], ['Title', head.title], ['Revision', String(head.revision)], ['Station', head.station ?? say('none')], ['Run ended', formatTime(head.takenAt)], ['Report hash', mono(head.reportSha256)]]),
      ] },
      { id: 'approvals', number: '0.1', title: say('Electronic signatures'), performed: true, reason: null, blocks: [
        table('Electronic signatures', [column('Meaning', 0.9), column('Printed name', 1.3), column('Role', 1), column('Date and time with zone', 1.6), column('Name', 1.2), column('Key', 1.4, { mono: true })],
          signatures.map(({ meaning, signer, role, signedAt, authenticated, keyId }) => [sayIfKnown(meaning), signer, sayIfKnown(role), formatTime(signedAt), authenticated ? say('authenticated') : say('not authenticated'), keyId])),
        paragraph('The last signature of this table signs this page with the report and all signatures before it. "millwright evidence verify FILE.zip" checks all of them.', 'muted'),
        deviations.length > 0 ? table('Deviations that were open at this signature', [column('Id', 0.6, { mono: true }), column('Severity', 0.7), column('Description', 2.6), column('Owner', 1)], deviations.map(({ id, severity, text, owner }) => [id, severity, text, owner]))
          : paragraph('No deviation of this report or its station was open at this signature.'),
      ] },
    ],
  }));
}
