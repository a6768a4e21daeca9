import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Deployment } from '#shared/contract/serving';
import { edgeNetwork, inLanes, namesOf, planStation, type ObservedContainer, type ObservedStation, type Step } from './planStation.ts';

const names = namesOf('mw');
const base: Deployment = {
  id: 's1', station: 'Line 1', slug: 'mw', desired: 'running', port: 8100, grpcPort: 8101, listen: '127.0.0.1', engine: null, revision: 3, versions: [], live: 'v2', previous: 'v1', candidate: null, trial: null, hold: null, recorder: null, clients: null, tls: null, gatewayImageId: 'sha256:x', gatewayKey: 'k', gatewaySeals: true, swarm: null, operation: null,
};
const specOf = { gateway: 'g', model: (version: string) => `m-${version}` };
const model = (version: string, state: string, spec = `m-${version}`): ObservedContainer => ({ name: names.model(version), role: 'model', version, state, spec, networks: [names.network] });
const gateway = (state: string, spec = 'g'): ObservedContainer => ({ name: names.gateway, role: 'gateway', version: null, state, spec, networks: [edgeNetwork, names.network] });
const volumes = [names.gatewayVolume, names.volume('v1'), names.volume('v2')];
const whole: ObservedStation = { containers: [gateway('running'), model('v2', 'running'), model('v1', 'exited')], volumes, networks: [names.network] };
const plan = (deployment: Deployment, observed: ObservedStation) => planStation(deployment, observed, specOf).map((step) => `${step.do} ${step.name}`);

describe('planStation', () => {
  it('leaves a station alone that is as it should be', () => expect(plan(base, whole)).toEqual([]));
  it('makes everything of a new station, the address last', () => {
    expect(plan({ ...base, live: 'v1', previous: null }, { containers: [], volumes: [], networks: [] })).toEqual([
      'createNetwork mw-net', 'createVolume mw-gateway', 'fillVolume mw-v1', 'createModel mw-v1', 'startContainer mw-v1', 'createGateway mw-gateway', 'startContainer mw-gateway',
    ]);
  });
  it('starts what a crash of the engine left ended', () => {
    expect(plan(base, { ...whole, containers: [gateway('exited'), model('v2', 'exited'), model('v1', 'exited')] })).toEqual(['startContainer mw-v2', 'startContainer mw-gateway']);
  });
  it('lets Docker bring back what is restarting', () => expect(plan(base, { ...whole, containers: [gateway('running'), model('v2', 'restarting')] })).toEqual([]));
  it('runs a candidate beside the live version', () => {
    expect(plan({ ...base, candidate: 'v3', previous: null }, { ...whole, containers: [gateway('running'), model('v2', 'running')], volumes: [names.gatewayVolume, names.volume('v2')] })).toEqual(['fillVolume mw-v3', 'createModel mw-v3', 'startContainer mw-v3']);
  });
  it('stops the version before, and takes away the one before that', () => {
    expect(plan({ ...base, live: 'v3', previous: 'v2' }, { ...whole, containers: [gateway('running'), model('v3', 'running'), model('v2', 'running'), model('v1', 'exited')], volumes: [...volumes, names.volume('v3')] })).toEqual(['removeContainer mw-v1', 'removeVolume mw-v1', 'stopContainer mw-v2']);
  });
  it('stops the address first, and makes nothing for a stopped station', () => {
    expect(plan({ ...base, desired: 'stopped' }, whole)).toEqual(['stopContainer mw-gateway', 'stopContainer mw-v2']);
    expect(plan({ ...base, desired: 'stopped' }, { containers: [], volumes: [], networks: [] })).toEqual([]);
  });
  it('fills a volume again whose filling was interrupted', () => {
    const torn: ObservedContainer = { name: 'mw-v2-filler', role: 'filler', version: 'v2', state: 'created', spec: '', networks: null };
    expect(plan({ ...base, previous: null }, { ...whole, containers: [gateway('running'), torn], volumes: [names.gatewayVolume, names.volume('v2')] })).toEqual(['removeContainer mw-v2-filler', 'removeVolume mw-v2', 'fillVolume mw-v2', 'createModel mw-v2', 'startContainer mw-v2']);
  });
  it('makes a container anew that is made from something else now', () => {
    expect(plan(base, { ...whole, containers: [gateway('running', 'old'), model('v2', 'running'), model('v1', 'exited')] })).toEqual(['removeContainer mw-gateway', 'createGateway mw-gateway', 'startContainer mw-gateway']);
  });
  it('makes a container anew that lacks a network that it needs, which no start brings back', () => {
    const among = (networks: string[] | null, state = 'running') => ({ ...gateway(state), networks });
    const anew = ['removeContainer mw-gateway', 'createGateway mw-gateway', 'startContainer mw-gateway'];
    const others = [model('v2', 'running'), model('v1', 'exited')];
    expect(plan(base, { ...whole, containers: [among([edgeNetwork], 'created'), ...others] })).toEqual(anew);
    expect(plan(base, { ...whole, containers: [among([names.network], 'exited'), ...others] })).toEqual(anew);
    expect(plan(base, { ...whole, containers: [gateway('running'), { ...model('v2', 'exited'), networks: [] }, model('v1', 'exited')] })).toEqual(['removeContainer mw-v2', 'createModel mw-v2', 'startContainer mw-v2']);
    expect(plan(base, { ...whole, containers: [among(null), ...others] })).toEqual([]);
    expect(plan({ ...base, desired: 'stopped' }, { ...whole, containers: [among([], 'exited'), { ...model('v2', 'exited'), networks: [] }] })).toEqual([]);
  });
  it('takes away all there is of a removed station, networks last', () => {
    expect(plan({ ...base, desired: 'removed' }, { ...whole, containers: [model('v2', 'running'), gateway('running')] })).toEqual(['removeContainer mw-gateway', 'removeContainer mw-v2', 'removeVolume mw-gateway', 'removeVolume mw-v1', 'removeVolume mw-v2', 'removeNetwork mw-net']);
  });

  it('starts the address and the versions side by side, once what they stand on is there', () => {
    const { first, lanes } = inLanes(planStation({ ...base, live: 'v1', previous: null }, { containers: [model('v9', 'running')], volumes: [], networks: [] }, specOf), names);
    const told = (steps: readonly Step[]) => steps.map((step) => `${step.do} ${step.name}`);
    expect([told(first), ...lanes.map(told)]).toEqual([
      ['removeContainer mw-v9', 'createNetwork mw-net'], ['createVolume mw-gateway', 'createGateway mw-gateway', 'startContainer mw-gateway'], ['fillVolume mw-v1', 'createModel mw-v1', 'startContainer mw-v1'],
    ]);
  });

  // Whatever a crash, a person or a prune left: once the steps are done, there is nothing more to do.
  const states = fc.constantFrom('created', 'running', 'exited', 'paused', 'dead');
  const container = fc.oneof(
    fc.record({ version: fc.constantFrom('v1', 'v2', 'v3', 'v9'), state: states, current: fc.boolean() }).map(({ version, state, current }) => model(version, state, current ? `m-${version}` : 'old')),
    fc.record({ state: states, current: fc.boolean(), networks: fc.subarray([edgeNetwork, names.network]) }).map(({ state, current, networks }) => ({ ...gateway(state, current ? 'g' : 'old'), networks })),
    fc.constantFrom('v1', 'v2', 'v3').map((version): ObservedContainer => ({ name: `${names.model(version)}-filler`, role: 'filler', version, state: 'created', spec: '', networks: null })),
  );
  const observed = fc.record({ containers: fc.uniqueArray(container, { selector: ({ name }) => name }), volumes: fc.subarray([...volumes, names.volume('v3'), names.volume('v9')]), networks: fc.subarray([names.network]) });
  const deployment = fc.record({ desired: fc.constantFrom('running' as const, 'stopped' as const, 'removed' as const), previous: fc.constantFrom(null, 'v1'), candidate: fc.constantFrom(null, 'v3') }).map((change): Deployment => ({ ...base, ...change }));

  it('has nothing left to do once its steps are done', () => {
    fc.assert(fc.property(deployment, observed, (wanted, seen) => {
      const { first, lanes } = inLanes(planStation(wanted, seen, specOf), names);
      const after = apply(seen, [...first, ...lanes.flat()]);
      expect(plan(wanted, after)).toEqual([]);
      if (wanted.desired === 'removed') expect(after).toEqual({ containers: [], volumes: [], networks: [] });
      if (wanted.desired === 'running') expect(after.containers.filter(({ state }) => state === 'running').map(({ name }) => name).sort()).toEqual([names.gateway, names.model('v2'), ...(wanted.candidate === null ? [] : [names.model('v3')])].sort());
    }));
  });
});

describe('planStation on a Swarm', () => {
  const swarm = { replicas: 2, key: 'k', nodes: [] };
  const service = (version: string, replicas: number, spec = `m-${version}`) => ({ name: names.model(version), version, spec, replicas });
  const settled: ObservedStation = { containers: [gateway('running')], volumes: [names.gatewayVolume], networks: [], services: [service('v2', 2), service('v1', 0)] };
  it('leaves a station alone that is as it should be', () => expect(plan({ ...base, swarm }, settled)).toEqual([]));
  it('makes the address anew that has lost the network of the gateways', () => {
    expect(plan({ ...base, swarm }, { ...settled, containers: [{ ...gateway('exited'), networks: [] }] })).toEqual(['removeContainer mw-gateway', 'createGateway mw-gateway', 'startContainer mw-gateway']);
    expect(plan({ ...base, swarm }, { ...settled, containers: [{ ...gateway('running'), networks: [edgeNetwork] }] })).toEqual([]);
  });
  it('makes the service of a new station before its address, and no network', () => {
    expect(plan({ ...base, swarm, live: 'v1', previous: null }, { containers: [], volumes: [], networks: [] })).toEqual(['createVolume mw-gateway', 'createService mw-v1', 'createGateway mw-gateway', 'startContainer mw-gateway']);
  });
  it('starts a candidate beside the live version, lets the one before wait, and takes away the one before that', () => {
    expect(plan({ ...base, swarm, candidate: 'v3', previous: null }, settled)).toEqual(['removeService mw-v1', 'createService mw-v3']);
    expect(planStation({ ...base, swarm, live: 'v3', previous: 'v2' }, { ...settled, services: [service('v3', 2), service('v2', 2), service('v1', 0)] }, specOf)).toEqual([{ do: 'removeService', name: 'mw-v1' }, { do: 'scaleService', name: 'mw-v2', version: 'v2', replicas: 0 }]);
  });
  it('changes what was made from other settings, and the number where it differs', () => {
    expect(planStation({ ...base, swarm: { ...swarm, replicas: 3 } }, { ...settled, services: [service('v2', 2)] }, specOf)).toEqual([{ do: 'scaleService', name: 'mw-v2', version: 'v2', replicas: 3 }]);
    expect(planStation({ ...base, swarm }, { ...settled, services: [service('v2', 2, 'old')] }, specOf)).toEqual([{ do: 'updateService', name: 'mw-v2', version: 'v2', replicas: 2 }]);
  });
  it('stops the address first, and removes all there is', () => {
    expect(plan({ ...base, swarm, desired: 'stopped' }, settled)).toEqual(['stopContainer mw-gateway', 'scaleService mw-v2']);
    expect(plan({ ...base, swarm, desired: 'removed' }, settled)).toEqual(['removeContainer mw-gateway', 'removeService mw-v2', 'removeService mw-v1', 'removeVolume mw-gateway']);
  });
});

/** An engine that does as it is told, and refuses what Docker refuses. */
function apply(observed: ObservedStation, steps: readonly Step[]): ObservedStation {
  let { containers, volumes: disks, networks } = { containers: [...observed.containers], volumes: [...observed.volumes], networks: [...observed.networks] };
  const must = (holds: boolean, step: Step) => { if (!holds) throw new Error(`impossible: ${step.do} ${step.name}`); };
  const has = (name: string) => containers.some((one) => one.name === name);
  const set = (name: string, state: string) => { containers = containers.map((one) => (one.name === name ? { ...one, state } : one)); };
  for (const step of steps) {
    switch (step.do) {
      case 'createNetwork': must(!networks.includes(step.name), step); networks.push(step.name); break;
      case 'createVolume': must(!disks.includes(step.name), step); disks.push(step.name); break;
      case 'fillVolume': must(!disks.includes(step.name), step); disks.push(step.name); break;
      case 'createModel': must(!has(step.name) && disks.includes(names.volume(step.version)) && networks.includes(names.network), step); containers.push(model(step.version, 'created')); break;
      case 'createGateway': must(!has(step.name) && disks.includes(names.gatewayVolume) && networks.includes(names.network), step); containers.push(gateway('created')); break;
      case 'startContainer': must(has(step.name), step); set(step.name, 'running'); break;
      case 'stopContainer': must(has(step.name), step); set(step.name, 'exited'); break;
      case 'removeContainer': must(has(step.name), step); containers = containers.filter(({ name }) => name !== step.name); break;
      case 'removeVolume': must(disks.includes(step.name) && !containers.some(({ version, role }) => (role === 'gateway' ? names.gatewayVolume : names.volume(version ?? '')) === step.name), step); disks = disks.filter((name) => name !== step.name); break;
      case 'removeNetwork': must(containers.length === 0, step); networks = networks.filter((name) => name !== step.name); break;
      default: throw new Error('unknown step');
    }
  }
  return { containers, volumes: disks, networks };
}
