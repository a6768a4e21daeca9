// JUnit XML as Jenkins, GitLab and CircleCI read it: one test case per limit, with stable names; measured against limit in message and body.
import type { LimitResult } from '#shared/contract/validation';
import { escapeXml } from './escape.ts';
import { limitValue } from './parts/front.ts';
import { sectionOfLimit } from './sectionOfLimit.ts';
import type { ValidationReceipt } from './receipt.ts';
import { formatInterval, safeText } from './text.ts';
import { inLanguage } from './texts/say.ts';

const attribute = (text: string) => escapeXml(safeText(text, 500).replaceAll('\n', ' '));
const body = (text: string) => escapeXml(safeText(text, 4000));

function renderCase(limit: LimitResult, suite: string, seconds: number): string {
  const measured = `${limit.id}: ${limit.metric} is ${inLanguage('en', limitValue(limit))}, the limit is ${limit.limit}`;
  const detail = `${measured}\ninterval: ${inLanguage('en', formatInterval(limit.interval))}\nverdict: ${limit.verdict}\n${limit.reason}`;
  const open = `    <testcase classname="${attribute(`millwright.${suite}`)}" name="${attribute(`${limit.id} ${limit.metric}`)}" time="${formatSeconds(seconds)}">`;
  if (limit.verdict === 'FAIL') return `${open}\n      <failure message="${attribute(measured)}" type="LimitFailed">${body(detail)}</failure>\n    </testcase>`;
  if (limit.verdict === 'NOT MEASURED') return `${open}\n      <error message="${attribute(`${limit.id}: ${limit.metric} was not measured: ${limit.reason}`)}" type="NotMeasured">${body(detail)}</error>\n    </testcase>`;
  return `${open}\n      <system-out>${body(detail)}</system-out>\n    </testcase>`;
}

const formatSeconds = (seconds: number): string => seconds.toFixed(3);

/** Of the whole run, from its start to its end; no less than its sections took together, since a clock may be set meanwhile. 0 where neither is known. */
function secondsOfRun({ startedAt, takenAt, sectionSeconds }: ValidationReceipt): number {
  const span = startedAt === null ? 0 : (Date.parse(takenAt) - Date.parse(startedAt)) / 1000;
  return Math.max(span, Object.values(sectionSeconds ?? {}).reduce((sum, seconds) => sum + seconds, 0));
}

/** What the section that measured the limit's metric took, which limits of one section share; of the whole run where sections were not timed. */
const secondsOfLimit = (receipt: ValidationReceipt, limit: LimitResult): number => (receipt.sectionSeconds === null ? secondsOfRun(receipt) : receipt.sectionSeconds[sectionOfLimit(limit)] ?? 0);

/** A run without limits has no test case, and says so by one error: nothing was judged. */
export function renderJunit(receipt: ValidationReceipt, reportSha256: string): string {
  const suite = receipt.station?.name ?? receipt.model.name;
  const failures = receipt.limits.filter((limit) => limit.verdict === 'FAIL').length;
  const none = receipt.limits.length === 0;
  const errors = receipt.limits.filter((limit) => limit.verdict === 'NOT MEASURED').length + (none ? 1 : 0);
  const cases = none ? [`    <testcase classname="${attribute(`millwright.${suite}`)}" name="limits" time="0">\n      <error message="No limits were given, so nothing was judged." type="NoLimits"/>\n    </testcase>`] : receipt.limits.map((limit) => renderCase(limit, suite, secondsOfLimit(receipt, limit)));
  const tally = `tests="${cases.length}" failures="${failures}" errors="${errors}" skipped="0" time="${formatSeconds(secondsOfRun(receipt))}"`;
  const properties: ReadonlyArray<readonly [string, string]> = [
    ['verdict', receipt.verdict], ['exploratory', String(receipt.exploratory)], ['attempt', String(receipt.attempt)], ['model.sha256', receipt.model.summary.sha256],
    ['data.manifest.sha256', receipt.data.manifestSha256], ['limits.sha256', receipt.lockedLimits?.sha256 ?? 'not locked'], ['machine.fingerprint', receipt.machine?.fingerprint ?? 'none'], ['report.sha256', reportSha256],
  ];
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="millwright" ${tally}>
  <testsuite name="${attribute(suite)}" ${tally} timestamp="${attribute(receipt.takenAt.slice(0, 19))}" hostname="${attribute(receipt.machine?.hostname ?? 'unknown')}">
    <properties>
${properties.map(([name, value]) => `      <property name="${attribute(name)}" value="${attribute(value)}"/>`).join('\n')}
    </properties>
${cases.join('\n')}
  </testsuite>
</testsuites>
`;
}
