// millwright model show | check | diff | list | import | version | rename | remove
import type { Command } from 'commander';
import type { ModelFit } from '#shared/contract/models';
import type { TensorInfo } from '#shared/contract/references';
import type { Finding } from '#shared/finding';
import type { CliContext } from '../CliContext.ts';
import { reasonOption, type ReasonOption } from '../reasonOption.ts';
import { parseCount } from '../parseCount.ts';

const size = (bytes: number) => (bytes < 10_000 ? `${bytes} bytes` : bytes < 10_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);
const value = ({ name, type, shape }: TensorInfo) => `${name}  ${type} [${shape.map((dim) => dim ?? '?').join(', ')}]`;

function findingLines(findings: readonly Finding[], { style }: CliContext): string[] {
  const paint = { error: style.red, warning: style.yellow, info: style.dim };
  return findings.flatMap(({ severity, place, message, remedy }) => [`${paint[severity](severity.padEnd(7))}  ${style.bold(place)}  ${message}`, ...(remedy === undefined ? [] : [`         ${style.dim(remedy)}`])]);
}

function fitLines({ verdict, estimate, freeBytes, totalBytes }: ModelFit, { style }: CliContext): string[] {
  const word = { fits: style.green('fits this machine'), tight: style.yellow('tight on this machine'), 'does not fit': style.red('does not fit this machine') }[verdict];
  return [
    `memory   about ${size(estimate.totalBytes)} at its peak with a batch of ${estimate.batch}: ${word}, ${size(freeBytes)} of ${size(totalBytes)} free`,
    `         process ${size(estimate.processBytes)}, session ${size(estimate.loadBytes)} (weights ${size(estimate.weightBytes)}), running ${size(estimate.runBytes)} (activations ${size(estimate.activationBytes)} at once)`,
    ...estimate.assumed.map(({ input, axis, size: taken }) => `         dimension ${axis} of ${input} is open; ${taken} was taken`),
    ...(estimate.unknownValues > 0 ? [`         ${estimate.unknownValues} values of unknown size count nothing: the need may be larger`] : []),
  ];
}

export function registerModels(program: Command, cli: CliContext): void {
  const model = program.command('model').description('look into models, check and compare them; keep them in the registry')
    .addHelpText('after', '\nExamples:\n  millwright model show net.onnx\n  millwright model check net.onnx --json\n  millwright model diff net.onnx net.int8.onnx');

  model.command('show <file>').description('versions, inputs, outputs, operators, parameters, memory and findings of a model')
    .option('--batch <n>', 'batch that the memory is estimated for', parseCount, 1).option('--open-size <n>', 'size taken for any other open dimension', parseCount, 640)
    .action(cli.action(async (file: string, { batch, openSize }: { batch: number; openSize: number }) => {
      const summary = await cli.call('models.show', { model: cli.model(file) }, { signal: cli.signal });
      const fit = await cli.call('models.fit', { model: cli.model(file), batch, openSize }, { signal: cli.signal });
      cli.result({ ...summary, fit }, () => [
        `${cli.style.bold(file)}  ${size(summary.sizeBytes)}, ${summary.precision}, ${summary.parameters.toLocaleString('en')} parameters, ${summary.nodes} nodes${summary.subgraphs > 0 ? ` in ${summary.subgraphs + 1} graphs` : ''}`,
        `sha256   ${summary.sha256}`,
        `opset    ${Object.entries(summary.opset).map(([domain, version]) => `${domain} ${version}`).join(', ') || 'none'}   format ${summary.irVersion}${summary.producer === '' ? '' : `   made by ${summary.producer}`}`,
        ...summary.inputs.map((input) => `input    ${value(input)}`), ...summary.outputs.map((output) => `output   ${value(output)}`), ...fitLines(fit, cli), '',
        cli.table(['OPERATOR', 'NODES'], Object.entries(summary.operators)),
        ...(summary.findings.length === 0 ? [] : ['', ...findingLines(summary.findings, cli)]),
      ].join('\n'));
    }));

  model.command('check <file>').description('check a model against the rules of ONNX; exit code 1 when it has errors')
    .action(cli.action(async (file: string) => {
      const { findings } = await cli.call('models.check', { model: cli.model(file) }, { signal: cli.signal });
      const count = (severity: Finding['severity']) => findings.filter((finding) => finding.severity === severity).length;
      cli.result({ findings }, () => [...findingLines(findings, cli), `${count('error')} errors, ${count('warning')} warnings, ${count('info')} notes.`].join('\n'), count('error') > 0 ? 1 : 0);
    }));

  model.command('diff <a> <b>').description('what differs between two models: nodes, weights, opsets, inputs and outputs')
    .action(cli.action(async (a: string, b: string) => {
      const diff = await cli.call('models.diff', { a: cli.model(a), b: cli.model(b) }, { signal: cli.signal });
      const sign = { added: cli.style.green('+'), removed: cli.style.red('-'), changed: cli.style.yellow('~') };
      cli.result(diff, () => (diff.identical ? 'The models are the same in structure and weights.' : [
        ...Object.entries(diff.opset).map(([domain, { before, after }]) => `${sign.changed} opset ${domain}: ${before ?? 'none'} -> ${after ?? 'none'}`),
        ...[...diff.inputs, ...diff.outputs].map((line) => `${sign.changed} ${line}`),
        ...diff.nodes.entries.map(({ kind, node, operator, detail }) => `${sign[kind]} node ${node} (${operator})${detail === '' ? '' : `: ${detail}`}`),
        ...diff.initializers.entries.map(({ kind, name, detail }) => `${sign[kind]} weights ${name}: ${detail}`),
        `Nodes: ${diff.nodes.added} added, ${diff.nodes.removed} removed, ${diff.nodes.changed} changed. Weights: ${diff.initializers.added} added, ${diff.initializers.removed} removed, ${diff.initializers.changed} changed.`,
      ].join('\n')));
    }));

  model.command('histogram <file> <node>').description('how the values of a layer are spread over samples, and the range that the file stores for them')
    .requiredOption('--data <data>', 'typical samples').option('--schema <file>', 'dataset.yaml that says how to prepare the samples').option('--samples <n>', 'run at most so many samples', parseCount, 32)
    .action(cli.action(async (file: string, node: string, { data, schema, samples }: { data: string; schema?: string; samples: number }) => {
      const output = await cli.runJob('models.histogram', { model: cli.model(file), data: cli.data(data, schema), node, samples });
      const percent = (share: number | null) => (share === null ? '' : `${(share * 100).toFixed(2)} %`);
      cli.result(output, () => cli.table(['TENSOR', 'SEEN', 'RANGE IN THE FILE', 'SCALE', 'ZERO POINT', 'BELOW ZERO', 'CLIPPED', 'UNUSED CODES'], output.tensors.map(({ role, tensor, min, max, stored, belowZeroShare, clipShare, unusedShare }) => [`${role} ${tensor}`, `${min.toPrecision(4)} to ${max.toPrecision(4)}`, stored === null ? 'none, kept in float' : `${stored.low.toPrecision(4)} to ${stored.high.toPrecision(4)}`, stored?.scale.toPrecision(4) ?? '', String(stored?.zeroPoint ?? ''), belowZeroShare === 0 ? '' : percent(belowZeroShare), percent(clipShare), percent(unusedShare)])));
    }));

  model.command('list').description('models of the registry, newest first')
    .action(cli.action(async () => {
      const list = await cli.call('models.list', {}, { signal: cli.signal });
      cli.result(list, () => (list.length === 0 ? 'No models yet.' : cli.table(['ID', 'NAME', 'VERSION', 'PRECISION', 'SIZE', 'RUNS', 'IMPORTED'], list.map((one) => [one.id, one.name, one.version ?? 'not stated', one.summary.precision, size(one.summary.sizeBytes), one.runnable.ok ? 'yes' : 'no', one.importedAt]))));
    }));

  model.command('import <file>').description('take a model into the registry').option('--name <name>', 'its name').option('--labels <names>', 'class names in output order, separated by commas').option('--licence <text>', 'its licence').option('--model-version <text>', 'its version, as its maker counts it')
    .action(cli.action(async (file: string, { name, labels, licence, modelVersion }: { name?: string; labels?: string; licence?: string; modelVersion?: string }) => {
      const record = await cli.runJob('models.import', { path: cli.path(file), ...(name === undefined ? {} : { name }), ...(labels === undefined ? {} : { labels: labels.split(',').map((label) => label.trim()) }), ...(licence === undefined ? {} : { licence }), ...(modelVersion === undefined ? {} : { version: modelVersion }) });
      cli.result(record, () => [`${record.id}  ${record.name}, version ${record.version ?? 'not stated'}`, ...record.changes, record.runnable.ok ? 'The runtime here runs it.' : cli.style.red(`The runtime here cannot run it: ${record.runnable.reason}`)].join('\n'));
    }));

  model.command('version <id> [version]').description('state the version of a model of the registry; without one it is taken back').addOption(reasonOption())
    .action(cli.action(async (id: string, version: string | undefined, { reason }: ReasonOption) => {
      const record = await cli.call('models.setVersion', { id, version: version ?? null, ...(reason === undefined ? {} : { reason }) }, { signal: cli.signal });
      cli.result(record, () => `${record.id}  ${record.name}, version ${record.version ?? 'not stated'}`);
    }));

  model.command('rename <id> <name>').description('give a model of the registry another name').addOption(reasonOption())
    .action(cli.action(async (id: string, name: string, { reason }: ReasonOption) => {
      const record = await cli.call('models.rename', { id, name, reason }, { signal: cli.signal });
      cli.result(record, () => `${record.id}  ${record.name}`);
    }));

  model.command('remove <id>').description('remove a model from the registry, with its files').addOption(reasonOption())
    .action(cli.action(async (id: string, { reason }: ReasonOption) => {
      cli.result(await cli.call('models.remove', { id, reason }, { signal: cli.signal }), () => `Removed ${id}.`);
    }));
}
