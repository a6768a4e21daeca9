// Answers the operations on the machine.
import { inspectMachine } from '#services/machine/inspectMachine';
import { watchMachine } from '#services/machine/watchMachine';
import type { HandlersOf } from './Handlers.ts';

export const machineHandlers: HandlersOf<'machine.inspect' | 'machine.watch'> = (services) => ({
  'machine.inspect': (input) => inspectMachine(services, input),
  'machine.watch': (input, { signal, emit }) => watchMachine(services, input, emit, signal),
});
