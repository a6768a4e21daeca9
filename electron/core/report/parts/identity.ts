// What was tested: the model, how it was transformed, and the data.
import type { ModelIdentity, DataIdentity, ValidationReceipt } from '../receipt.ts';
import { column, facts, heading, mono, notPerformed, number, paragraph, status, table, type Block, type Cell } from '../model.ts';
import { formatBytes, formatNumber, formatOr, formatPercent, formatShape, formatTime, samplesText } from '../text.ts';
import { say, type Phrase, sayIfKnown } from '../texts/say.ts';
import { missing, type Parts } from './Part.ts';

const findingsTable = (caption: Phrase, findings: ModelIdentity['summary']['findings']): Block[] => (findings.length === 0 ? [] : [
  table(caption, [column('Severity', 0.8), column('Finding', 1.2, { mono: true }), column('Place', 1.2), column('Message', 3)],
    findings.map((finding): Cell[] => [finding.severity === 'info' ? say('info') : status(finding.severity), finding.id, finding.place, finding.remedy ? `${finding.message} ${finding.remedy}` : finding.message]), { max: 100 }),
]);

function modelBlocks(title: Phrase, model: ModelIdentity): Block[] {
  const { summary } = model;
  const operators = Object.entries(summary.operators).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const opsets = Object.entries(summary.opset).sort(([a], [b]) => (a < b ? -1 : 1)).map(([domain, version]) => `${domain || 'ai.onnx'} ${version}`).join(', ');
  return [
    heading(title),
    facts([
      ['Name', model.name], ['Version', model.version ?? say('not stated')], ['SHA-256', mono(summary.sha256)],
      ['SHA-256 as delivered', mono(model.sourceSha256)], ['Size', formatBytes(summary.sizeBytes)], ['Format', say('ONNX, IR version {version}, opset {opsets}', { version: summary.irVersion, opsets })],
      ['Producer', summary.producer || say('not given')], ['Nodes', String(summary.nodes)], ['Parameters', String(summary.parameters)], ['Numeric precision', summary.precision],
      ['Classes', model.labels ? `${model.labels.length}: ${model.labels.slice(0, 40).join(', ')}${model.labels.length > 40 ? ' …' : ''}` : say('not named')],
      ['Origin', model.origin ?? say('not given')], ['Licence', model.licence ?? say('not given')],
    ]),
    table('Inputs and outputs', [column('Direction', 0.7), column('Name', 1.6), column('Type', 0.8), column('Shape', 1.6)], [
      ...summary.inputs.map((tensor) => [say('input'), tensor.name, tensor.type, formatShape(tensor.shape)]),
      ...summary.outputs.map((tensor) => [say('output'), tensor.name, tensor.type, formatShape(tensor.shape)]),
    ]),
    ...(model.changes.length > 0 ? [table('What the import changed', [column('Change', 1)], model.changes.map((change) => [change]))] : []),
    table('Operators', [column('Operator', 3), number('Nodes', 1)], operators.map(([name, n]) => [name, String(n)]), { max: 40 }),
    ...findingsTable('Findings of the model check', summary.findings),
  ];
}

type Receipt = NonNullable<ValidationReceipt['transformation']>['receipt'];
/** Bit-identical is only what was compared. */
function signalToNoise({ sqnrDb, compared, identical, agreement }: Receipt): string {
  if (sqnrDb !== null) return `${formatNumber(sqnrDb)} dB`;
  if (compared === false) return say('nothing was compared');
  if (identical) return say('outputs bit-identical');
  return agreement === null || agreement === undefined ? say('no difference in what was compared') : say('no float outputs');
}

function transformationBlocks(transformation: NonNullable<ValidationReceipt['transformation']>): Block[] {
  const { receipt, calibration, diff, settings } = transformation;
  const worst = [...receipt.layers].sort((a, b) => (a.sqnrDb ?? Infinity) - (b.sqnrDb ?? Infinity));
  return [
    facts([
      ['Recipe', receipt.recipe], ['Original SHA-256', mono(receipt.inputSha256)], ['Result SHA-256', mono(receipt.outputSha256)],
      ['Original size', formatBytes(receipt.inputBytes)], ['Result size', formatBytes(receipt.outputBytes)], ['Result / original', formatPercent(receipt.outputBytes / Math.max(1, receipt.inputBytes))],
      ['Signal to noise', !receipt.proven ? say('not measured: made without proof') : signalToNoise(receipt)], receipt.agreement === null || receipt.agreement === undefined ? null : ['Equal entries, in the worst output', formatPercent(receipt.agreement)], ['Nodes quantized', String(receipt.nodesQuantized)], ['Nodes left in float', String(receipt.nodesKept.length)],
      ...Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => [say('Setting {name}', { name }), value] as const),
      calibration ? ['Calibration set', `${calibration.name}, ${samplesText(calibration.samplesUsed)}`] : null,
      calibration ? ['Calibration manifest SHA-256', mono(calibration.manifestSha256)] : null,
    ]),
    ...(calibration ? [] : [notPerformed('Calibration identity', 'The recipe used no calibration set, or it was not recorded.')]),
    ...(receipt.keptOriginal ? [paragraph('No candidate was both better and good enough: the original was kept.', 'warn')] : []),
    ...(receipt.candidates.length > 0 ? [table('Candidates measured', [column('Candidate', 1.4), number('Size in bytes', 1), number('SQNR in dB', 0.8), number('Latency in ms', 0.8), number('Latency ratio', 0.8), number('Accuracy drop', 0.8), column('Outcome', 2)],
      receipt.candidates.map((candidate) => [candidate.name, String(candidate.sizeBytes), formatOr(candidate.sqnrDb), formatOr(candidate.latencyMs), formatOr(candidate.latencyRatio), formatOr(candidate.accuracyDrop), candidate.chosen ? say('chosen') : candidate.rejectedBecause ?? say('not chosen')]))] : []),
    ...(receipt.nullControl ? [paragraph(say('Null control: two identical originals differed in latency by a factor of {low} to {high}; a ratio within that range says nothing.', { low: formatNumber(receipt.nullControl.low), high: formatNumber(receipt.nullControl.high) }))] : []),
    ...(receipt.nodesKept.length > 0 ? [table('Nodes left in float', [column('Node', 2), column('Reason', 3)], receipt.nodesKept.map((kept) => [kept.node, kept.reason]), { max: 150 })] : []),
    ...(worst.length > 0 ? [table('Signal to noise by layer, worst first', [column('Node', 3), column('Operator', 1), number('SQNR in dB', 1)], worst.map((layer) => [layer.node, layer.operator ?? '', formatOr(layer.sqnrDb)]), { max: 60 })] : []),
    diff ? table('Structural difference', [column('What', 2), number('Added', 1), number('Removed', 1), number('Changed', 1)], [
      [say('Nodes'), String(diff.nodes.added), String(diff.nodes.removed), String(diff.nodes.changed)],
      [say('Initializers'), String(diff.initializers.added), String(diff.initializers.removed), String(diff.initializers.changed)],
    ]) : notPerformed('Structural difference', 'The difference of the two graphs was not part of this run.'),
    ...findingsTable('Findings of the quantizer', receipt.findings),
  ];
}

/** Boxes of each class, images that show it, or samples of it: what the labels count. */
function classTable({ classes, labelKind, samples }: DataIdentity['check']): Block[] {
  if (classes.length === 0) return [];
  const total = labelKind === 'boxes' ? classes.reduce((sum, { count }) => sum + count, 0) : samples;
  const rows = classes.map(({ name, count }) => [name, String(count), formatPercent(count / Math.max(1, total))]);
  switch (labelKind) {
    case 'boxes': return [table('Boxes by class', [column('Class', 3), number('Boxes', 1), number('Share', 1)], rows, { max: 100 })];
    case 'mask': return [table('Images that show the class', [column('Class', 3), number('Images', 1), number('Share', 1)], rows, { max: 100 })];
    default: return [table('Samples by class', [column('Class', 3), number('Samples', 1), number('Share', 1)], rows, { max: 100 })];
  }
}

function dataBlocks(data: DataIdentity): Block[] {
  const columns = data.check.columns;
  return [
    facts([
      ['Set', data.name], ['Purpose', sayIfKnown(data.purpose)], ['Layout', sayIfKnown(data.check.layout)], ['Task', sayIfKnown(data.check.task)],
      ['Samples in the set', String(data.check.samples)], ['Samples used', String(data.samplesUsed)], ['Labelled', data.check.labelled ? say('yes') : say('no')],
      ['Manifest SHA-256', mono(data.manifestSha256)], ['Sealed', data.seal ? `${formatTime(data.seal.sealedAt)}, ${samplesText(data.seal.samples)}` : say('not sealed')],
      ['Source', data.source ?? say('not given')], ['Collected', data.collected ?? say('not given')], ['Labelling', data.labelling ?? say('not given')], data.labelAgreement === null ? null : ['Agreement of those who labelled', data.labelAgreement], ['Exclusions', data.exclusions ?? say('none given')],
      ['Preprocessing', data.preprocess ?? say('none, or not recorded')],
    ]),
    ...classTable(data.check),
    ...(columns.length > 0 ? [table('Columns', [column('Column', 2), column('Type', 1), number('Missing', 0.8), number('Least', 1), number('Greatest', 1)],
      columns.map((entry) => [entry.name, entry.type, String(entry.missing), formatOr(entry.min), formatOr(entry.max)]), { max: 100 })] : []),
    data.subgroups.length > 0 ? table('Samples by subgroup', [column('Column', 1.5), column('Value', 1.5), number('Samples', 1)], data.subgroups.flatMap((group) => group.values.map((entry) => [group.column, entry.value, String(entry.count)]))) : notPerformed('Counts by subgroup', 'The data set names no subgroup columns.'),
    data.openings.length > 0 ? table('Ledger of openings', [number('No.', 0.4), column('At', 1.4), column('By', 1), column('Reason', 2)], data.openings.map((opening, index) => [String(index + 1), formatTime(opening.at), opening.by, opening.reason]), { max: 200 }) : notPerformed('Ledger of openings', 'The set is not registered or sealed, so its uses are not recorded.'),
    ...data.calibratedOn.map(({ name, samples }) => (samples === null
      ? notPerformed('Overlap with calibration data', 'The model was calibrated on a set whose samples are not known here: another data folder or an earlier version quantized it.')
      : paragraph(say('Overlap with what this model was calibrated on ({name}, {samples}): none found.', { name, samples: samplesText(samples) })))),
    ...(!data.overlapChecked ? data.calibratedOn.length > 0 ? [] : [notPerformed('Overlap with calibration data', 'No other set was known to compare with.')]
      : data.overlaps.length === 0 ? [paragraph('Overlap with other registered sets: none found.')]
        : [table('Overlap with other sets', [column('Set', 3), number('Samples in both', 1)], data.overlaps.map((overlap) => [overlap.name, String(overlap.samples)]))]),
    ...findingsTable('Findings of the data check', data.check.findings),
  ];
}

export const identityParts: Parts<'model' | 'transformation' | 'data'> = {
  model: ({ model, reference }) => [...modelBlocks('Model under test', model), ...(reference ? modelBlocks('Reference model', reference) : [notPerformed('Reference model', 'No original model was given to compare with.')])],
  transformation: ({ transformation }) => (transformation === null ? missing('The model was taken as delivered; no transformation is recorded.') : transformationBlocks(transformation)),
  data: ({ data }) => dataBlocks(data),
};
