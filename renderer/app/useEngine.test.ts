import { expect, it } from 'vitest';
import { machine, machineSamples } from '../gallery/fixtures/machine.ts';
import { engineNow, engineTold } from './useEngine.ts';

it('an engine that is gone is no longer told as there, whatever the check of the machine found', () => {
  const [sample] = machineSamples(0, 2, false);
  if (!sample) throw new Error('There is no sample.');
  const gone = { engine: null, version: null, available: false, reason: 'No container engine is running here.' };
  expect([engineNow(null, undefined), engineNow(null, machine)?.available, engineNow(sample, machine)?.available, engineNow({ ...sample, engine: gone }, machine)]).toEqual([null, true, true, gone]);
});
it('the card of the engine says the same: what was checked before the engine went away is overtaken', () => {
  const gone = { engine: 'docker', version: null, available: false, reason: 'The socket does not answer.' };
  expect(engineTold(gone, machine)).toEqual({ ...gone, socket: machine.containers.socket });
  expect([engineTold(null, machine), engineTold(machine.containers, machine)]).toEqual([machine.containers, machine.containers]);
});
