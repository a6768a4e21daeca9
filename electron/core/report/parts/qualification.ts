// Installation and operational qualification: the machine, and the tool's own tests.
import { column, facts, mono, notPerformed, number, paragraph, status, table, type Block, type Cell } from '../model.ts';
import type { ValidationReceipt } from '../receipt.ts';
import { formatBytes, formatNumber, formatOr, formatTime } from '../text.ts';
import { say, sayIfKnown } from '../texts/say.ts';
import { missing, type Parts } from './Part.ts';

function machineBlocks(machine: NonNullable<ValidationReceipt['machine']>): Block[] {
  const { cpu, memory, os, limits, clock } = machine;
  return [
    facts([
      ['Machine fingerprint', mono(machine.fingerprint)], ['Inspected at', formatTime(machine.takenAt)], ['Host name', machine.hostname],
      ['Operating system', say('{system}, kernel {kernel}, {arch}', { system: `${os.distro} ${os.release}`, kernel: os.kernel, arch: os.arch })], ['Processor', say('{model}, {cores} cores, {threads} threads', { model: cpu.model, cores: cpu.cores, threads: cpu.threads })],
      ['Instruction sets', cpu.isa.join(', ') || say('none of those that matter')], ['Memory', say('{total}, available {available}', { total: formatBytes(memory.totalBytes), available: formatBytes(memory.availableBytes) })],
      ['Limits of this process', say('{container}; CPU quota {quota}; memory {memory}', { container: limits.inContainer ? say('in a container') : say('not in a container'), quota: limits.cpuQuota === null ? say('none') : formatNumber(limits.cpuQuota), memory: limits.memoryBytes === null ? say('unlimited') : formatBytes(limits.memoryBytes) })],
      ['Clock', say('{source}, {synchronised}, zone {zone}', { source: clock.source ?? say('unknown source'), synchronised: clock.synchronised === null ? say('synchronisation unknown') : clock.synchronised ? say('synchronised') : say('not synchronised'), zone: clock.timeZone })],
      ['Temperature', machine.temperatureC === null ? say('not readable') : `${formatNumber(machine.temperatureC)} °C`],
      ['Container engine', machine.containers.available ? `${machine.containers.engine ?? ''} ${machine.containers.version ?? ''}`.trim() : say('none: {reason}', { reason: machine.containers.reason })],
    ]),
    machine.gpus.length === 0 ? paragraph('Graphics processors: none found.') : table('Graphics processors', [column('Model', 2), column('Vendor', 1), column('Driver', 1), number('Memory in bytes', 1.2)],
      machine.gpus.map((gpu) => [gpu.model, gpu.vendor, gpu.driver ?? say('unknown'), formatOr(gpu.memoryTotalBytes)])),
    table('Execution providers', [column('Provider', 1), column('Available', 0.6), column('Reason', 3)], machine.providers.map((provider) => [provider.name, provider.available ? say('yes') : say('no'), provider.reason])),
    table('Preflight', [column('Check', 1.4), column('Status', 1), column('Message', 2.3), column('Consequence', 2)], machine.preflight.map((check): Cell[] => [check.title, status(check.status), check.message, check.consequence])),
    ...(machine.changes.length > 0 ? [table('Changed since the last inspection', [column('What', 1), column('Before', 1.5), column('Now', 1.5)], machine.changes.map((change) => [change.field, change.before, change.after]))] : []),
    ...(machine.probes.some((probe) => !probe.ok) ? [table('Probes that gave no answer', [column('Probe', 1), column('Reason', 3)], machine.probes.filter((probe) => !probe.ok).map((probe) => [probe.id, probe.reason]))] : []),
  ];
}

/** Who may work here: names and roles, no secrets. */
export function accountsBlock(accounts: ValidationReceipt['accounts']): Block {
  if (accounts === null) return notPerformed('Accounts', 'They were not read in this run.');
  if (accounts.length === 0) return paragraph('Accounts: there are none; names of signers are typed and not authenticated.');
  return table('Accounts', [column('User', 1), column('Name', 1.5), column('Role', 1), column('State', 1.5)], accounts.map(({ user, printedName, role, disabledAt }) => [user, printedName, sayIfKnown(role), disabledAt === null ? say('active') : say('disabled {time}', { time: formatTime(disabledAt) })]));
}

function installationBlocks({ accounts, container, offline }: Pick<ValidationReceipt, 'accounts' | 'container' | 'offline'>): Block[] {
  return [
    accountsBlock(accounts),
    container === null ? notPerformed('Container digests', 'No container of this station was deployed from here.') : facts([['Container, version', container.version], ['Container, image', mono(container.imageId)]]),
    offline === null ? notPerformed('Offline check', 'It was not made in this run.') : facts([
      ['Telemetry of ONNX Runtime', offline.telemetryOff ? say('off') : say('not switched off')],
      ['Connections beyond this machine', offline.peers === null ? say('the system does not tell') : offline.peers.length === 0 ? say('none at the end of the run') : offline.peers.join(', ')],
    ]),
  ];
}

export const qualificationParts: Parts<'iq' | 'oq'> = {
  iq: ({ machine, installedFiles, productVersion, runtimeVersion, ...receipt }) => [
    table('Software', [column('Component', 1), column('Version', 2)], [['Millwright', productVersion], ['ONNX Runtime', runtimeVersion ?? say('not recorded')]]),
    ...(machine ? machineBlocks(machine) : [notPerformed('Machine inspection', 'The machine was not inspected in this run.')]),
    installedFiles.length > 0 ? table('Installed files against the manifest', [column('File', 2), column('SHA-256', 3.6, { mono: true }), column('Status', 0.9)], installedFiles.map((file): Cell[] => [file.path, file.sha256, status(file.status)])) : notPerformed('Installed files against the manifest', 'The installed files were not compared with a manifest in this run.'),
    ...installationBlocks(receipt),
  ],
  oq: ({ selfTests }) => (selfTests.length === 0
    ? missing('The self-tests of the tool (load, limits, bad input, cancel, power loss, alarms, permissions, audit chain, backup) were not run for this report.')
    : [table('Self-tests', [column('Id', 0.6, { mono: true }), column('Test', 1.1), column('Expected', 1.7), column('Actual', 2), column('Status', 0.95), column('Evidence', 0.9)],
      selfTests.map((test): Cell[] => [test.id, test.title, test.expected, test.actual, status(test.status), test.evidence ?? say('none')]))]),
};
