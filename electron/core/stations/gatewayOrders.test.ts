// What the gateway of a station is told.
import { expect, it } from 'vitest';
import { fakeDeployment } from '#test/fakes/deployment';
import { gatewayConfigSchema } from '#shared/gateway';
import { gatewayOrders } from './gatewayOrders.ts';

const swarm = { replicas: 1, key: 'a-key-of-the-replicas', nodes: [{ id: 'n1', name: 'line-1', address: '10.0.0.1', url: null }] };

it('closes what loads and unloads models of our own engine, on one host and on several', () => {
  for (const deployment of [fakeDeployment(), { ...fakeDeployment({ replicaPort: 18_100 }), swarm }]) expect(gatewayConfigSchema.parse(gatewayOrders(deployment)).targets).toMatchObject([{ closedPaths: ['/v2/repository/models', '/models'] }]);
});

it('has no request sent twice where a version that is asked keeps state', () => {
  const state = { preprocess: null, state: { state: 'next' } };
  const [before, kept] = [fakeDeployment({ live: 'v1', prepared: state }), fakeDeployment({ live: 'v2' })];
  expect([gatewayOrders(before).stateful, gatewayOrders(kept).stateful]).toEqual([true, false]);
  const both = { ...kept, versions: [...before.versions, ...kept.versions] };
  expect([gatewayOrders({ ...both, previous: 'v1' }).stateful, gatewayOrders({ ...both, candidate: 'v1' }).stateful]).toEqual([false, true]);
});
