import { expect, it } from 'vitest';
import { machine, machineSamples } from '../gallery/fixtures/machine.ts';
import { engineNow } from './useEngine.ts';

it('an engine that is gone is no longer told as there, whatever the check of the machine found', () => {
  const [sample] = machineSamples(0, 2, false);
  if (!sample) throw new Error('There is no sample.');
  const gone = { engine: null, version: null, available: false, reason: 'No container engine is running here.' };
  expect([engineNow(null, undefined), engineNow(null, machine)?.available, engineNow(sample, machine)?.available, engineNow({ ...sample, engine: gone }, machine)]).toEqual([null, true, true, gone]);
});
