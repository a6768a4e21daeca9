// The fingerprint alone, for receipts: the same as in the full inspection.
import type { Services } from '../Services.ts';
import { fingerprintOf } from './fingerprint.ts';
import { probeContext, type ProbeContext } from './ProbeContext.ts';
import { probeIdentity } from './probeIdentity.ts';

/** SHA-256 in hex; about 0.1 s, 2.2 s where nvidia-smi hangs. Services are taken so that all of a host's functions are called alike. */
export async function machineFingerprint(_services: Pick<Services, 'dataDir'>, context: ProbeContext = probeContext()): Promise<string> {
  return fingerprintOf((await probeIdentity(context)).identity);
}
