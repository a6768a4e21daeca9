// Installation qualification beside the files: accounts, the image that serves the station, and whether the program keeps to itself.
import type { ValidationReceipt } from '#core/report/receipt';
import { listUsers } from '../people/userRecords.ts';
import type { Services } from '../Services.ts';
import { deployedVersion } from '../stations/deployments.ts';
import { remotePeers } from './remotePeers.ts';

/** Names and roles only: nothing of the passwords leaves the store. */
export function installationFacts(services: Services, stationId: string | null): Pick<ValidationReceipt, 'accounts' | 'container' | 'offline'> {
  const live = stationId === null ? null : deployedVersion(services, stationId);
  return {
    accounts: listUsers(services).map(({ user, printedName, role, disabledAt }) => ({ user, printedName, role, disabledAt })),
    container: live ? { version: live.id, imageId: live.imageId } : null,
    offline: { telemetryOff: process.env['ORT_DISABLE_TELEMETRY'] === '1', peers: remotePeers() },
  };
}
