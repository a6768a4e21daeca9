// Whether the container engine answers now: from the live samples, and from the check of the machine until the first of them tells.
import type { MachineReport, MachineSample } from '#shared/contract/machine';
import { useOp } from '../api/useOp.ts';
import { useMachineSample } from './machineFeed.ts';

export type EngineSeen = NonNullable<MachineSample['engine']>;

/** What was seen last counts; a check of the machine is dear and may be hours old. */
export const engineNow = (sample: MachineSample | null, report: MachineReport | undefined): EngineSeen | null => sample?.engine ?? report?.containers ?? null;

/** What is told of the engine in full: a check that the live samples have overtaken gives way to them, but for its address. */
export const engineTold = (seen: EngineSeen | null, { containers }: Pick<MachineReport, 'containers'>): EngineSeen & Pick<MachineReport['containers'], 'socket'> =>
  (seen !== null && seen.available !== containers.available ? { ...seen, socket: containers.socket } : containers);

/** Null: not known yet. */
export function useEngine(): EngineSeen | null {
  const { latest } = useMachineSample();
  return engineNow(latest, useOp('machine.inspect', {}).data);
}
