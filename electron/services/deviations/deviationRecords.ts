// Records of deviations, and which of them stand in the way of an approval.
import { deviationSchema, type Deviation } from '#shared/contract/deviations';
import type { Verdict } from '#shared/contract/validation';
import type { Services } from '../Services.ts';

type WithStore = Pick<Services, 'store'>;

export const deviationRecords = (services: WithStore) => services.store.collection('deviations', deviationSchema);

export function listDeviations(services: WithStore, filter: { readonly validationId?: string | undefined; readonly stationId?: string | undefined; readonly open?: boolean | undefined } = {}): Deviation[] {
  return deviationRecords(services).list().filter((deviation) => (filter.validationId === undefined || deviation.validationId === filter.validationId)
    && (filter.stationId === undefined || deviation.stationId === filter.stationId) && (filter.open === undefined || (deviation.closure === null) === filter.open));
}

/** Those of a run, or of the station that it names; oldest first. */
export function deviationsOf(services: WithStore, { validationIds, station }: { readonly validationIds: readonly string[]; readonly station: string | null }): Deviation[] {
  return listDeviations(services).filter((deviation) => (deviation.validationId !== null && validationIds.includes(deviation.validationId)) || (station !== null && (deviation.station === station || deviation.stationId === station))).reverse();
}

export const blocksApproval = ({ severity, closure }: Deviation): boolean => severity === 'critical' && closure === null;

/** Passed limits beside a deviation that is still open are a pass with deviations. */
export const withDeviations = (verdict: Verdict, deviations: readonly Deviation[]): Verdict => (verdict === 'PASS' && deviations.some(({ closure }) => closure === null) ? 'PASS WITH DEVIATIONS' : verdict);
