// § 18: who listens, what the containers may do, what the image and the report are made of, who signs, who works here, and what left the machine.
import { column, facts, mono, notPerformed, number, paragraph, table, type Block, type Cell } from '../model.ts';
import type { ContainerSecurity, SecurityFacts } from '../security.ts';
import type { ValidationReceipt } from '../receipt.ts';
import { formatBytes, formatNumber, formatTime } from '../text.ts';
import type { TextKey } from '../texts/en.ts';
import { say, sayAction } from '../texts/say.ts';
import type { Part } from './Part.ts';
import { accountsBlock } from './qualification.ts';

/** With a reason in the words in which the run recorded it. */
const unseen = (what: TextKey, reason: string | null): Block => ({ kind: 'notPerformed', what: say(what), reason: reason ?? say('They were not looked at in this run.') });
const yesNo = (value: boolean) => (value ? say('yes') : say('no'));

function listenerBlocks(listeners: SecurityFacts['listeners']): Block[] {
  if (listeners === null) return [notPerformed('Ports of this machine', 'The system does not tell who listens; its table of sockets is read on Linux alone.')];
  if (listeners.length === 0) return [paragraph('Ports of this machine: none listens (TCP).')];
  return [table('Ports of this machine that listen (TCP)', [number('Port', 0.6), column('Address', 2), column('Reached from', 1.6), column('Of this program', 1)],
    listeners.map(({ address, port, loopback, own }): Cell[] => [String(port), address, loopback ? say('this machine alone') : say('the network'), yesNo(own)]))];
}

/** An empty list of dropped capabilities means those that the engine gives by default. */
function capabilitiesOf({ privileged, capabilitiesAdded, capabilitiesDropped }: ContainerSecurity): string {
  if (privileged) return say('all: the container is privileged');
  const base = capabilitiesDropped.includes('ALL') ? say('none') : capabilitiesDropped.length === 0 ? say('the default ones of the engine') : say('the default ones of the engine without {dropped}', { dropped: capabilitiesDropped.join(', ') });
  return capabilitiesAdded.length === 0 ? base : say('{base}, and {added}', { base, added: capabilitiesAdded.join(', ') });
}

function userOf(user: string): string {
  return user === '' || user === '0' || user === 'root' || user.startsWith('0:') || user.startsWith('root:') ? say('{user}: an administrator within the container', { user: user === '' ? 'root' : user }) : user;
}

function containerBlocks(container: ContainerSecurity): Block[] {
  const { name, role, version, state, image, imageId, repoDigests, networks, published, listening, memoryBytes, cpus, pids } = container;
  return [{ kind: 'heading', text: role === 'gateway' ? say('Container of the gateway: {name}', { name }) : say('Container of the model, version {version}: {name}', { version: version ?? '?', name }) }, facts([
    ['State', state], ['Image', image], ['Image, id', mono(imageId)], ['Image, digest in a registry', repoDigests.length === 0 ? say('none: it came as a file') : mono(repoDigests.join(', '))],
    ['User', userOf(container.user)], ['Capabilities', capabilitiesOf(container)], ['New privileges', container.noNewPrivileges ? say('barred') : say('not barred')], ['Root file system', container.readOnlyRoot ? say('read only') : say('writable')],
    ['Networks', networks.map(({ name: network, internal }) => (internal === null ? network : say('{network} ({kind})', { network, kind: internal ? say('internal: no way out') : say('with a way out') }))).join(', ') || say('none')],
    ['Ports published on the host', published.join(', ') || say('none')], ['Ports that listen inside', listening === null ? say('could not be seen') : listening.join(', ') || say('none')],
    ['Limits', [
      memoryBytes === null ? say('memory without limit') : say('memory {bytes}', { bytes: formatBytes(memoryBytes) }), cpus === null ? say('processors without limit') : say('processors {n}', { n: formatNumber(cpus) }), pids === null ? say('processes without limit') : say('processes {n}', { n: pids }),
    ].join('; ')],
  ])];
}

function accessBlocks(access: SecurityFacts['access']): Block[] {
  if (access === null) return [];
  const { address, certificate, clients } = access;
  return [facts([
    ['Address of the station', mono(address)],
    ['Encryption', certificate === null ? say('none') : say('TLS, with a certificate for {subject} until {time}', { subject: certificate.subject, time: formatTime(certificate.validTo) })],
    certificate === null ? null : ['Clients show a certificate', yesNo(certificate.clientCertificates)],
    ['Clients that have a key', clients === null ? say('whoever reaches the address may ask') : clients.join(', ') || say('none')],
  ])];
}

function bomBlock({ imageBom, imageBomMissing }: SecurityFacts): Block {
  if (imageBom === null) return unseen('SBOM of the serving image', imageBomMissing);
  return facts([
    ['SBOM of the serving image', say('{path} in the image (CycloneDX 1.6), {n} components', { path: imageBom.path, n: imageBom.components })], ['SBOM, SHA-256', mono(imageBom.sha256)],
    [imageBom.deployed ? 'SBOM read out of the container with the image' : 'SBOM of the image that this installation puts together', mono(imageBom.imageId)],
  ]);
}

function trafficBlocks({ egress, exports }: SecurityFacts): Block[] {
  return [
    egress === null ? notPerformed('Connections beyond this machine', 'The system does not tell with whom a program speaks; its table of sockets is read on Linux alone.')
      : egress.peers.length === 0 ? paragraph(say('Connections of this program and its workers beyond this machine: none was seen in {looks} looks, one every {s} s from {from} to {to}. One that was opened and closed between two looks is not seen.', { looks: egress.looks, s: formatNumber(egress.everyMs / 1000), from: formatTime(egress.from), to: formatTime(egress.to) }))
        : table(say('Connections of this program and its workers beyond this machine, seen in {looks} looks from {from} to {to}', { looks: egress.looks, from: formatTime(egress.from), to: formatTime(egress.to) }), [column('With', 2, { mono: true }), column('First seen', 1.4), column('Last seen', 1.4), number('Looks', 0.6)], egress.peers.map(({ peer, first, last, looks }) => [peer, formatTime(first), formatTime(last), String(looks)])),
    exports.length === 0 ? paragraph('Files that left the data folder through this program: the audit trail holds none.')
      : table('Files that left the data folder through this program', [number('No.', 0.4), column('At', 1.3), column('Actor', 1), column('Action', 1.5), column('Subject', 1.8)], exports.map(({ seq, at, actor, action, subject }) => [String(seq), formatTime(at), actor, sayAction(action), subject])),
  ];
}

const keepers = { 'file': 'in a file of the data folder that this user alone may read', 'os-store': 'encrypted; what opens it is in the key store of the operating system' } as const;

const keyBlock = (key: SecurityFacts['key'], signing: string): Block => facts([
  ['Signing key', mono(signing)], ['Private key', key === null ? say('not recorded') : key.keyId === signing ? say(keepers[key.keptIn]) : say('not recorded: the key was changed after the run')],
]);

export const securityBlocks: Part = ({ security, accounts, model, reference }: ValidationReceipt, { bomSha256, keyId }) => [
  facts([['Model SHA-256', mono(model.summary.sha256)], reference ? ['Reference SHA-256', mono(reference.summary.sha256)] : null, ['ML-BOM', say('bom.cdx.json (CycloneDX 1.6) in the evidence package')], ['ML-BOM, SHA-256', mono(bomSha256)]]),
  ...(security === null ? [notPerformed('Ports, containers, SBOM, traffic', 'They were not looked at in this run.')] : [
    keyBlock(security.key, keyId), accountsBlock(accounts), ...listenerBlocks(security.listeners), ...accessBlocks(security.access), ...security.containers.flatMap(containerBlocks),
    ...(security.containersMissing === null ? [] : [unseen('Containers of the station', security.containersMissing)]),
    bomBlock(security), ...trafficBlocks(security),
  ]),
];
