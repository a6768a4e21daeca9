// People, security, deviations, operation and the conclusion.
import { column, facts, mono, notPerformed, paragraph, table, type Block } from '../model.ts';
import { agreementBlocks } from './agreement.ts';
import { missing, type Parts } from './Part.ts';

export const closingParts: Parts<'agreement' | 'explanations' | 'security' | 'deviations' | 'operation' | 'conclusion'> = {
  agreement: agreementBlocks,
  explanations: ({ explanations }) => (explanations.length === 0 ? missing('No heat maps were made.') : explanations.slice(0, 40).map((entry): Block => ({ kind: 'image', caption: `${entry.sample}: ${entry.caption}`, pngBase64: entry.pngBase64 }))),
  security: ({ security, model, reference }) => [
    facts([['Model SHA-256', mono(model.summary.sha256)], reference ? ['Reference SHA-256', mono(reference.summary.sha256)] : null, ['ML-BOM', 'bom.cdx.json (CycloneDX 1.6) in the evidence package']]),
    security ? facts([['Ports', security.ports.join(', ') || 'none'], ['Users', security.users.join(', ') || 'none'], ['Capabilities', security.capabilities.join(', ') || 'none'], ['Image digests', security.imageDigests.join(', ') || 'none'], ['Outbound traffic', security.egress]])
      : notPerformed('Ports, users, capabilities, image digests, egress log', 'No container was deployed in this run.'),
  ],
  deviations: ({ deviations, limits }) => {
    const failed = limits.filter((limit) => limit.verdict === 'FAIL');
    if (deviations.length > 0) return [table('Deviations', [column('Id', 0.6, { mono: true }), column('Description', 1.8), column('Impact', 1.2), column('Root cause', 1.2), column('Action', 1.2), column('Owner', 0.8), column('Closure', 0.9)],
      deviations.map((deviation) => [deviation.id, deviation.description, deviation.impact, deviation.rootCause, deviation.action, deviation.owner, deviation.closure ?? 'open']))];
    if (failed.length > 0) return [notPerformed('Handling of deviations', `No deviation was recorded for the limits that failed: ${failed.map((limit) => limit.id).join(', ')}.`)];
    return [paragraph('No deviation was recorded, and no limit failed.')];
  },
  operation: ({ operationPlan }) => (operationPlan === null ? missing('No operation plan was given.')
    : [facts([['Monitoring limits', operationPlan.monitoring], ['Shift challenge', operationPlan.challenge], ['Drift rule', operationPlan.drift], ['Retest triggers', operationPlan.retest], ['Rollback version', operationPlan.rollback], ['Retention', operationPlan.retention]])]),
  conclusion: (receipt) => {
    const fit = receipt.verdict === 'PASS' && !receipt.exploratory;
    const unmet = receipt.limits.filter((limit) => limit.verdict !== 'PASS').map((limit) => limit.id);
    const sentence = fit ? 'FIT within the stated limits: every limit passed.'
      : receipt.verdict === 'PASS WITH DEVIATIONS' && !receipt.exploratory ? 'FIT WITH DEVIATIONS: see the deviations and their closure.'
        : `NOT FIT: ${receipt.exploratory ? 'the run is exploratory' : receipt.verdict === 'INCOMPLETE' ? 'limits were not measured' : 'a limit failed'}${unmet.length > 0 ? ` (${unmet.join(', ')})` : ''}.`;
    return [
      paragraph(sentence, fit ? 'pass' : 'fail'),
      facts([
        ['Valid only for machine', receipt.machine ? mono(receipt.machine.fingerprint) : 'no fingerprint was taken: validity cannot be tied to a machine'],
        ['Valid only for model', mono(receipt.model.summary.sha256)], ['Preprocessing', receipt.data.preprocess ?? 'as in receipt.json'], ['Runtime', receipt.runtimeVersion ?? 'not recorded'], ['Expires', receipt.validUntil ?? 'no date set'],
      ]),
      paragraph('It is stale as soon as one of these differs: machine fingerprint, driver, runtime, container image, model hash, preprocessing, threshold, limits.'),
    ];
  },
};
