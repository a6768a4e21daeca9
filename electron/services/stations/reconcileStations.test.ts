// Engines that do not answer leave the others their turn.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fakeDeployment } from '#test/fakes/deployment';
import { freePort } from '#test/fakes/freePort';
import { openTestHost, type TestHost } from '#test/fakes/testHost';
import { putDeployment } from './deployments.ts';
import { reconcileStations } from './reconcileStations.ts';

let test: TestHost;
beforeEach(() => { test = openTestHost(); });
afterEach(() => test.close());

const context = { signal: new AbortController().signal, progress: () => undefined };
const away = async (id: string) => {
  const port = await freePort();
  putDeployment(test.host.services, { ...fakeDeployment(), id, station: id, slug: `mw-${id}`, engine: { host: `tcp://127.0.0.1:${port}`, certs: null } });
  return String(port);
};

it('asks every engine, and tells of each that does not answer', async () => {
  const [first, second] = [await away('Line 1'), await away('Line 2')];
  const said = async (stationId?: string) => reconcileStations(test.host.services, { stationId }, context).then(() => '', (error: unknown) => (error instanceof Error ? error.message : ''));
  const all = await said();
  expect([all.includes(first), all.includes(second)]).toEqual([true, true]);
  const one = await said('Line 2');
  expect([one.includes(first), one.includes(second)]).toEqual([false, true]);
});
