import { expect, it } from 'vitest';
import type { JobRecord } from '#shared/contract/jobs';
import { isDeploying, isMeasuring } from './words.ts';

const job = (input: unknown, state: JobRecord['state'] = 'running') => ({ input, state }) as JobRecord; // only what is looked at

it('finds a deployment that is under way again, of its station or of any', () => {
  expect([isDeploying('s-1')(job({ stationId: 's-1' })), isDeploying('s-1')(job({ stationId: 's-2' })), isDeploying(undefined)(job({ station: 'Line 2' })), isDeploying(undefined)(job({ station: 'Line 2' }, 'done'))]).toEqual([true, false, true, false]);
});
it('finds the measurement of its model again', () => {
  expect([isMeasuring('m-1')(job({ model: { id: 'm-1' } })), isMeasuring('m-1')(job({ model: { id: 'm-2' } })), isMeasuring('m-1')(job({ model: { path: '/m-1' } })), isMeasuring('m-1')(job({ model: { id: 'm-1' } }, 'failed'))]).toEqual([true, false, false, false]);
});
