// What a Swarm is asked before an image goes to its nodes.
import { expect, it } from 'vitest';
import type { Engine } from '../containers/Engine.ts';
import type { Services } from '../Services.ts';
import { prepareSwarm } from './prepareSwarm.ts';

it('refuses more replicas than nodes before anything is planned or loaded', async () => {
  const asked: string[] = [];
  const docker = {
    info: () => Promise.resolve({ Swarm: { NodeID: 'n1', LocalNodeState: 'active', ControlAvailable: true } }),
    listNodes: () => Promise.resolve([{ ID: 'n1', UpdatedAt: '', Spec: { Role: 'manager', Availability: 'active' }, Description: { Hostname: 'line-1', Resources: {} }, Status: { State: 'ready', Addr: '127.0.0.1' } }]),
  };
  const ask = (what: string, work: (client: never, signal: AbortSignal) => Promise<unknown>) => { asked.push(what); return work(docker as never, AbortSignal.timeout(5000)); }; // a part of the client library
  const engine = { facts: { engine: 'docker' }, url: 'here', ask, askMaybe: ask } as unknown as Engine; // as above
  const prepared = prepareSwarm({} as Services, engine, { target: 'swarm', replicas: 5, gpus: false } as Parameters<typeof prepareSwarm>[2], null, { modelId: null, servedName: 'model', number: 1, prepared: null }, { signal: AbortSignal.timeout(5000), progress: () => undefined }); // no service is needed up to there
  await expect(prepared).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('5 replicas are asked for, and one node can be given the image: line-1.') as string });
  expect(new Set(asked)).toEqual(new Set(['Asking the engine for its Swarm', 'Listing the nodes of the Swarm']));
});
