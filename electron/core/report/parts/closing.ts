// People, security, deviations, operation and the conclusion.
import { column, facts, mono, notPerformed, paragraph, table } from '../model.ts';
import { say } from '../texts/say.ts';
import { agreementBlocks } from './agreement.ts';
import { decisionLine } from './accuracy.ts';
import { runtimeLine } from './runtime.ts';
import { explanationBlocks } from './explanations.ts';
import { missing, type Parts } from './Part.ts';
import { securityBlocks } from './security.ts';

export const closingParts: Parts<'agreement' | 'explanations' | 'security' | 'deviations' | 'operation' | 'conclusion'> = {
  agreement: agreementBlocks,
  explanations: explanationBlocks,
  security: securityBlocks,
  deviations: ({ deviations, limits }) => {
    const failed = limits.filter((limit) => limit.verdict === 'FAIL');
    if (deviations.length > 0) return [table('Deviations', [column('Id', 0.6, { mono: true }), column('Severity', 0.8), column('Description', 1.8), column('Impact', 1.2), column('Root cause', 1.2), column('Action', 1.2), column('Owner, due', 0.9), column('Closure', 1.1)],
      deviations.map((deviation) => [deviation.id, deviation.severity, deviation.description, deviation.impact, deviation.rootCause, deviation.action, `${deviation.owner} ${deviation.dueDate}`.trim(), deviation.closure ?? say('open')]))];
    if (failed.length > 0) return [notPerformed('Handling of deviations', say('No deviation was recorded for the limits that failed: {limits}.', { limits: failed.map((limit) => limit.id).join(', ') }))];
    return [paragraph('No deviation was recorded, and no limit failed.')];
  },
  operation: ({ operationPlan }) => (operationPlan === null ? missing('No operation plan was given.')
    : [facts([['Monitoring limits', operationPlan.monitoring], ['Shift challenge', operationPlan.challenge], ['Drift rule', operationPlan.drift], ['Retest triggers', operationPlan.retest], ['Rollback version', operationPlan.rollback], ['Retention', operationPlan.retention]])]),
  conclusion: (receipt) => {
    const fit = receipt.verdict === 'PASS' && !receipt.exploratory;
    const unmet = receipt.limits.filter((limit) => limit.verdict !== 'PASS').map((limit) => limit.id);
    const sentence = fit ? say('FIT within the stated limits: every limit passed.')
      : receipt.verdict === 'PASS WITH DEVIATIONS' && !receipt.exploratory ? say('FIT WITH DEVIATIONS: see the deviations and their closure.')
        : say('NOT FIT: {why}{limits}.', { why: receipt.exploratory ? say('the run is exploratory') : receipt.verdict === 'INCOMPLETE' ? say('limits were not measured') : say('a limit failed'), limits: unmet.length > 0 ? ` (${unmet.join(', ')})` : '' });
    return [
      paragraph(sentence, fit ? 'pass' : 'fail'),
      facts([
        ['Valid only for machine', receipt.machine ? mono(receipt.machine.fingerprint) : say('no fingerprint was taken: validity cannot be tied to a machine')],
        ['Valid only for model', mono(receipt.model.summary.sha256)], ['Preprocessing', receipt.data.preprocess ?? say('as in receipt.json')], ['Runtime', receipt.runtimeVersion ?? say('not recorded')], ['Session options', runtimeLine(receipt)], ['Decision', decisionLine(receipt)], ['Expires', receipt.validUntil ?? say('no date set')],
      ]),
      paragraph('It is stale as soon as one of these differs: machine fingerprint, driver, runtime, session options, container image, model hash, preprocessing, threshold, limits.'),
    ];
  },
};
