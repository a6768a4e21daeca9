// Cover, approvals, revisions and summary.
import type { LimitResult } from '#shared/contract/validation';
import { column, facts, mono, notPerformed, number, paragraph, recorded, status, table, type Block, type Cell } from '../model.ts';
import type { ValidationReceipt } from '../receipt.ts';
import { formatInterval, formatLimitValue, formatTime, samplesText } from '../text.ts';
import { say, sayIfKnown, sayMetric, type Phrase, type Said } from '../texts/say.ts';
import type { Parts } from './Part.ts';

export const limitValue = (limit: LimitResult): string => (limit.value === null ? say('not measured') : formatLimitValue(limit.value));

/** True where the limits were locked before the first run; null where they never were. */
export function lockedBefore(receipt: ValidationReceipt): boolean | null {
  if (receipt.lockedLimits === null) return null;
  return Date.parse(receipt.lockedLimits.lockedAt) <= Date.parse(receipt.startedAt ?? receipt.takenAt);
}

function summarySentence(receipt: ValidationReceipt): Said {
  const tally = (verdict: LimitResult['verdict']) => receipt.limits.filter((limit) => limit.verdict === verdict).length;
  const locked = lockedBefore(receipt) === true && receipt.lockedLimits
    ? say('limits locked at {at}, before the run', { at: formatTime(receipt.lockedLimits.lockedAt) })
    : say('limits that were not locked before the run');
  const seal = receipt.data.seal ? say('the sealed set {name}', { name: receipt.data.name }) : say('the set {name}, which was not sealed', { name: receipt.data.name });
  return say('The model {model} was judged against {locked}, on {samples} of {seal}. Of {limits} limits, {passed} passed, {failed} failed and {unmeasured} were not measured. The verdict is {verdict}. This was attempt {attempt}{exploratory}.', {
    model: receipt.model.name, locked, samples: samplesText(receipt.data.samplesUsed), seal, limits: receipt.limits.length, passed: tally('PASS'), failed: tally('FAIL'), unmeasured: tally('NOT MEASURED'), verdict: sayIfKnown(receipt.verdict),
    attempt: receipt.attempt, exploratory: receipt.exploratory ? say('; it is exploratory and supports no release') : '',
  });
}

export function limitsTable(receipt: ValidationReceipt, caption: Phrase): Block {
  return table(caption, [column('Id', 0.8, { mono: true }), column('Metric', 1.2), column('Limit', 0.9), number('Result', 1.1), column('Interval', 2.4), column('Verdict', 1)],
    receipt.limits.map((limit): Cell[] => [limit.id, sayMetric(limit.metric), limit.limit, limitValue(limit), formatInterval(limit.interval), status(limit.verdict)]), { max: 1000 });
}

export const frontParts: Parts<'cover' | 'approvals' | 'revisions' | 'summary'> = {
  cover: (receipt, identity) => [
    { kind: 'verdict', verdict: receipt.verdict, exploratory: receipt.exploratory },
    facts([
      ['Report', receipt.id], ['Revision', String(receipt.revision)], ['Site', receipt.site || say('not given')],
      ['Line', receipt.station?.line || say('not given')], ['Station', receipt.station?.name ?? say('none')],
      ['Model', receipt.model.name], ['Model SHA-256', mono(receipt.model.summary.sha256)],
      ['Run began', receipt.startedAt === null ? say('not recorded') : formatTime(receipt.startedAt)], ['Run ended', formatTime(receipt.takenAt)], ['Attempt', String(receipt.attempt)],
      ['Made with', `Millwright ${receipt.productVersion}${receipt.runtimeVersion ? `, ONNX Runtime ${receipt.runtimeVersion}` : ''}`],
      ['Report hash', mono(identity.reportSha256)],
    ]),
    paragraph('The report hash is the SHA-256 of receipt.json in the evidence package; it stands on each page. This report supports a validation; it does not by itself show that a law or standard is met.', 'muted'),
    ...(receipt.exploratory ? [paragraph('EXPLORATORY: the limits were not locked before the run. Do not use this report for a release.', 'warn')] : []),
  ],
  approvals: (receipt, identity) => [
    table('Approvals', [column('Meaning', 0.9), column('Printed name', 1.2), column('Role', 1), column('Date and time with zone', 1.7), column('Key', 1.25, { mono: true }), column('Signature (ink)', 1.6)], [
      [say('prepared'), identity.signer, sayIfKnown(identity.role), formatTime(identity.signedAt), identity.keyId, ''],
      [say('reviewed'), '', '', '', '', ''],
      [say('approved'), '', '', '', '', ''],
    ], { minRowHeight: 26 }),
    paragraph(say('Prepared by {signer} ({role}) at {at}, signed electronically with the Ed25519 key {key}; the name was not authenticated by a password.', { signer: identity.signer, role: sayIfKnown(identity.role), at: formatTime(identity.signedAt), key: identity.keyId })),
    paragraph('Later electronic signatures are added to the evidence package, each with a page in print (signatures/*.pdf and *.html); "millwright evidence verify FILE.zip" lists each with its name, role, time and meaning, and whether the name was authenticated by a password. The empty lines are for ink.'),
    ...(receipt.author.name === identity.signer ? [] : [paragraph(say('Author of the run: {name} ({role}).', { name: receipt.author.name, role: sayIfKnown(receipt.author.role) }))]),
  ],
  revisions: (receipt) => [
    table('Revisions', [column('Revision', 0.6), column('Date', 1.5), column('What changed and why', 2), column('Supersedes (report hash)', 2.4, { mono: true })], [
      [String(receipt.revision), formatTime(receipt.takenAt), receipt.supersedes?.reason ?? say('First issue.'), receipt.supersedes ? `${receipt.supersedes.id} ${receipt.supersedes.reportSha256}` : say('none')],
    ]),
  ],
  summary: (receipt) => {
    const open = receipt.deviations.filter((deviation) => deviation.closure === null);
    const failed = receipt.limits.filter((limit) => limit.verdict !== 'PASS');
    return [
      paragraph(summarySentence(receipt)),
      receipt.limits.length > 0 ? limitsTable(receipt, 'Limits and results') : notPerformed('Limits', 'No limits were given, so nothing was judged.'),
      ...(failed.length > 0 ? [table('Limits that did not pass', [column('Id', 1, { mono: true }), column('Why', 4)], failed.map((limit) => [limit.id, limit.reason]))] : []),
      open.length > 0 ? table('Open deviations', [column('Id', 1, { mono: true }), column('Description', 3), column('Owner', 1)], open.map((deviation) => [deviation.id, deviation.description, deviation.owner])) : paragraph('Open deviations: none recorded.'),
      ...receipt.remarks.map((remark) => recorded(remark, 'warn')),
    ];
  },
};
