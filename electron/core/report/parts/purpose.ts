// Intended use, system, risks, limits and traceability.
import type { Limit } from '#shared/contract/validation';
import { column, facts, mono, notPerformed, number, paragraph, status, table, type Block, type Cell } from '../model.ts';
import { formatNumber, formatTime } from '../text.ts';
import { limitValue, lockedBefore } from './front.ts';
import { say, sayIfKnown, sayMetric, type Phrase } from '../texts/say.ts';
import { sectionNumberOfLimit } from '../sectionOfLimit.ts';
import { missing, type Parts } from './Part.ts';

const bound = (value: number | undefined) => (value === undefined ? '' : String(value));
const parameters = (limit: Limit) => [
  limit.positive === undefined ? null : say('positive class {name}', { name: limit.positive }), limit.provider === undefined ? null : say('provider {name}', { name: limit.provider }),
  limit.camera_ms === undefined ? null : say('camera {n} ms', { n: formatNumber(limit.camera_ms) }), limit.plc_ms === undefined ? null : say('PLC {n} ms', { n: formatNumber(limit.plc_ms) }),
  limit.subgroup === undefined ? null : say('worst subgroup of {column}', { column: limit.subgroup }),
].filter((text) => text !== null).join(', ');

/** What each limit asks for, and why. */
const statedLimits = (caption: Phrase, limits: readonly Limit[]): Block => table(caption, [column('Id', 0.8, { mono: true }), column('Metric', 1.2), number('At least', 0.95), number('At most', 0.95), number('Confidence', 0.95), column('Parameters', 1.2), column('Reason', 2)],
  limits.map((limit) => [limit.id, sayMetric(limit.metric), bound(limit.min), bound(limit.max), bound(limit.confidence), parameters(limit), limit.reason ?? say('not given')]), { max: 1000 });

export const purposeParts: Parts<'intendedUse' | 'system' | 'risks' | 'limits' | 'traceability'> = {
  intendedUse: ({ intendedUse, data }) => (intendedUse === null
    ? missing('No intended use was given for this station.')
    : [facts([['Task', intendedUse.task], ['Kind of task', sayIfKnown(data.check.task)], ['Effect of a decision', intendedUse.decisionEffect], ['Input space', intendedUse.inputSpace], ['Exclusions', intendedUse.exclusions]])]),

  system: ({ station, system, machine, productVersion, runtimeVersion }) => [
    facts([
      ['Station', station?.name ?? say('none')], ['Line', station?.line || say('not given')], ['Description', station?.description || say('not given')],
      ['Console', `Millwright ${productVersion}`], ['Model runtime', runtimeVersion ? `ONNX Runtime ${runtimeVersion}` : say('not recorded')],
      machine ? ['Machine', `${machine.hostname}: ${machine.cpu.model}, ${machine.os.distro} ${machine.os.release}`] : null,
    ]),
    system ? facts([['Interfaces', system.interfaces], ['Data flow', system.dataFlow]]) : notPerformed('Interfaces and data flow', 'They were not described for this station.'),
  ],

  risks: ({ risks }) => (risks.length === 0
    ? missing('No risk assessment was entered. Link each hazard to the limits that control it.')
    : [table('Hazards and the limits that control them', [column('Id', 0.6, { mono: true }), column('Hazard', 2), column('Severity', 0.8), column('Control', 2), column('Limits', 1)],
      risks.map((risk) => [risk.id, risk.hazard, risk.severity, risk.control, risk.limitIds.join(', ') || say('none')]))]),

  limits: (receipt) => {
    const { lockedLimits, givenLimits, baseline, attempts } = receipt;
    const before = lockedBefore(receipt);
    const blocks: Block[] = [];
    if (lockedLimits === null) blocks.push(notPerformed('Locking the limits', receipt.limits.length === 0 ? 'No limits were given.' : 'The limits were not locked before the run; the run is exploratory.'), ...(givenLimits.length > 0 ? [statedLimits('Limits as given, not locked', givenLimits)] : []));
    else {
      blocks.push(
        facts([['Limits', lockedLimits.id], ['Locked at', formatTime(lockedLimits.lockedAt)], ['Run began', receipt.startedAt === null ? say('not recorded') : formatTime(receipt.startedAt)], ['Locked before the run', before === true ? status('PASS') : status('FAIL')], ['SHA-256 of the limits', mono(lockedLimits.sha256)]]),
        statedLimits('Limits as locked', lockedLimits.limits),
        { kind: 'text', caption: say('Limits file, as locked'), text: lockedLimits.text },
      );
    }
    blocks.push(baseline === null ? notPerformed('Baseline of what is replaced', 'No figures of the present process were given.') : paragraph(say('Baseline of what is replaced: {text}', { text: baseline })));
    blocks.push(attempts.length === 0
      ? paragraph(say('This is attempt {attempt}; earlier runs are not listed in this receipt.', { attempt: receipt.attempt }))
      : table('Every attempt with these limits', [number('Attempt', 0.6), column('Run', 1.5, { mono: true }), column('Ended', 1.6), column('Verdict', 1.2), column('Kind', 1), column('Note', 1.6)],
        attempts.map((attempt, index): Cell[] => [String(index + 1), attempt.id, formatTime(attempt.takenAt), status(attempt.verdict), attempt.exploratory ? say('exploratory') : say('on locked limits'), attempt.note])));
    return blocks;
  },

  traceability: ({ limits, lockedLimits, givenLimits, risks, deviations }) => (limits.length === 0
    ? missing('There are no limits to trace.')
    : [table('Requirement to result', [column('Requirement', 1.2), column('Risk', 0.8), column('Limit', 0.8, { mono: true }), column('Test', 1.6), number('Result', 1), column('Verdict', 1), column('Deviation', 0.9)],
      limits.map((limit): Cell[] => [
        (lockedLimits?.limits ?? givenLimits).find((stated) => stated.id === limit.id)?.reason ?? say('not given'),
        risks.filter((risk) => risk.limitIds.includes(limit.id)).map((risk) => risk.id).join(', ') || say('none'), limit.id,
        `${sayMetric(limit.metric)}, § ${sectionNumberOfLimit(limit)}`, limitValue(limit), status(limit.verdict),
        deviations.filter((deviation) => deviation.limitIds.includes(limit.id)).map((deviation) => deviation.id).join(', ') || say('none'),
      ]), { max: 1000 })]),
};
