// The fingerprint of the machine as it is now, for receipts.
import type { Services } from '../Services.ts';
import { inspectMachine } from './inspectMachine.ts';

export async function machineFingerprint(services: Services): Promise<string> {
  return (await inspectMachine(services, { remember: false })).fingerprint;
}
