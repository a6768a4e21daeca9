// Answers the operations on the machine.
import { inspectMachine } from '#services/machine/inspectMachine';
import { detectEngine } from '#services/containers/detectEngine';
import { engineSources } from '#services/containers/engineSources';
import { probeContext } from '#services/machine/ProbeContext';
import { watchMachine } from '#services/machine/watchMachine';
import type { HandlersOf } from './Handlers.ts';

export const machineHandlers: HandlersOf<'machine.inspect' | 'machine.watch'> = (services) => ({
  'machine.inspect': (input) => inspectMachine(services, input),
  'machine.watch': (input, { signal, emit }) => watchMachine(services, input, emit, signal, probeContext(), async () => { const { engine, version, available, reason } = await detectEngine(engineSources(services)); return { engine, version, available, reason }; }),
});
