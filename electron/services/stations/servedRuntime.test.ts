// Which options a run gets: those that were named, over the station's, over those of the serving runtime here.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeRuntime, servedOptions } from '#shared/contract/runtimeOptions';
import type { Tuning } from '#shared/contract/serving';
import { fakeDeployment } from '#test/fakes/deployment';
import { openTestHost, type TestHost } from '#test/fakes/testHost';
import { testWorkers } from '#test/fakes/testWorkers';
import { usableCores } from '../inference/usableCores.ts';
import { putDeployment } from './deployments.ts';
import { runtimeFor, runtimeOfVersion } from './servedRuntime.ts';
import { createStation } from './stationRecords.ts';

const modelSha256 = 'a'.repeat(64);

describe('runtimeFor', () => {
  let test: TestHost;
  beforeEach(async () => { test = openTestHost({ workers: await testWorkers() }); });
  afterEach(() => test.close());

  const serve = (change: { readonly cpus?: number; readonly gpus?: boolean; readonly engine?: 'millwright' | 'ovms'; readonly tuning?: Tuning } = {}) => {
    const { services } = test.host;
    const station = createStation(services, { name: 'Line 1', line: '', description: '', taktMs: null });
    const deployment = fakeDeployment();
    putDeployment(services, { ...deployment, id: station.id, station: 'Line 1', desired: 'running', versions: deployment.versions.map((version) => ({ ...version, modelSha256, cpus: 1.5, ...change })) });
    return services;
  };

  it('takes what the serving runtime would choose here where nothing serves the model', async () => {
    expect(await runtimeFor(test.host.services, { modelSha256 })).toEqual({ ...servedOptions(usableCores()), origin: 'default', station: null, note: null });
  });

  it('takes those of the station that was named, and of one that serves this very model', async () => {
    const services = serve();
    const asServed = { ...servedOptions(1), origin: 'station', station: 'Line 1', note: null };
    expect(await runtimeFor(services, { modelSha256: 'b'.repeat(64), station: 'Line 1' })).toEqual(asServed);
    expect(await runtimeFor(services, { modelSha256 })).toEqual(asServed);
    expect((await runtimeFor(services, { modelSha256: 'b'.repeat(64) })).origin).toBe('default');
  });

  it('puts what was named before everything, and refuses a provider that is not there', async () => {
    const services = serve();
    expect(await runtimeFor(services, { modelSha256, wish: { threads: 3, executionMode: 'parallel' } })).toMatchObject({ threads: 3, executionMode: 'parallel', provider: 'cpu', origin: 'given', station: 'Line 1' });
    expect((await runtimeFor(services, { modelSha256, wish: { threads: undefined } })).origin).toBe('station');
    await expect(runtimeFor(services, { modelSha256, wish: { provider: 'abacus' } })).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  it('says so where the station serves on a provider that the runtime here lacks', async () => {
    expect(await runtimeFor(serve({ gpus: true }), { modelSha256 })).toMatchObject({ provider: 'cpu', note: expect.stringContaining('serves on cuda') });
  });

  it('takes threads and batch as they were measured for the station', async () => {
    expect(await runtimeFor(serve({ cpus: 4, tuning: { instances: 2, threads: 2, maxBatch: 8, maxDelayMs: 1.5 } }), { modelSha256 })).toMatchObject({ threads: 2, batch: 8, origin: 'station' });
  });

  it('says so where another engine sets its runtime by itself', async () => {
    const services = serve({ engine: 'ovms' });
    expect(runtimeOfVersion({ engine: 'ovms', cpus: 2, gpus: false, tuning: null })).toBeNull();
    expect(await runtimeFor(services, { modelSha256 })).toMatchObject({ origin: 'default', note: expect.stringContaining('another engine (ovms)') });
  });
});

it('is described by one line that differs where any option does', () => {
  const base = servedOptions(2);
  const others = [{ provider: 'cuda' }, { threads: 1 }, { threads: 0 }, { interOpThreads: 2 }, { executionMode: 'parallel' }, { optimization: 'basic' }, { batch: 4 }] as const;
  expect(new Set([base, ...others.map((change) => ({ ...base, ...change }))].map(describeRuntime)).size).toBe(others.length + 1);
});
