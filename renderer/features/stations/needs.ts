// What needs a person on the stations screen, worst first: a station that answers nothing, a failed limit, a lack, a deviation, a trial to decide, a signature.
import type { EvidenceRecord } from '#shared/contract/evidence';
import type { ServingView } from '#shared/contract/serving';
import type { StationRecord } from '#shared/contract/stations';
import { routeHref } from '../../app/routes.ts';

export interface Need { readonly station: StationRecord; readonly tone: 'bad' | 'warn' | 'info'; readonly text: string; readonly href: string }
const order = { bad: 0, warn: 1, info: 2 } as const;

function needOf(station: StationRecord, report: EvidenceRecord | undefined): Omit<Need, 'station'> | null {
  const href = routeHref('stations', station.id);
  if (station.status === 'failed') return { tone: 'bad', text: 'failed its limits; look at what failed', href: routeHref('stations', station.id, { tab: 'validation' }) };
  if (station.status === 'new') {
    const lacks = [station.modelId ? '' : 'a model', station.testId ? '' : 'a test set'].filter(Boolean).join(' and ');
    return { tone: 'warn', text: lacks === '' ? 'is ready to be commissioned' : `lacks ${lacks}`, href };
  }
  if (station.verdict !== 'PASS') return { tone: 'warn', text: 'passed with deviations or is incomplete', href };
  if (!report) return { tone: 'warn', text: 'has no evidence in this data folder', href };
  if (report.state === 'superseded') return { tone: 'warn', text: 'has evidence that a newer report has replaced', href: routeHref('evidence', report.id) };
  if (report.state !== 'approved') return { tone: 'info', text: `waits for a signature: ${report.state === 'draft' ? 'to be reviewed' : 'to be approved'}`, href: routeHref('evidence', report.id) };
  return null;
}

/** What its containers need; a station that was stopped on purpose needs nobody. */
function servingNeedOf(view: ServingView | undefined): Omit<Need, 'station'> | null {
  if (!view || view.desired !== 'running') return null;
  const href = routeHref('serving', view.stationId);
  if (view.hold) return { tone: 'bad', text: `answers nothing since the acceptance stop: ${view.hold.reason}`, href };
  if (view.state === 'failed') return { tone: 'bad', text: `does not serve: ${view.reason}`, href };
  if (view.traffic.some(({ breaker }) => breaker !== 'closed')) return { tone: 'bad', text: 'has a version that fails again and again', href };
  return view.candidate !== null && view.trial !== null ? { tone: 'info', text: `has ${view.candidate} on trial: promote it or end the trial`, href: routeHref('serving', view.stationId, { tab: 'trial' }) } : null;
}

export function needsOf(stations: readonly StationRecord[], evidence: readonly EvidenceRecord[], served: readonly ServingView[]): readonly Need[] {
  return stations.flatMap((station): readonly Need[] => [servingNeedOf(served.find(({ stationId }) => stationId === station.id)), needOf(station, evidence.find((each) => each.id === station.evidenceId))].flatMap((need) => (need ? [{ station, ...need }] : [])))
    .sort((a, b) => order[a.tone] - order[b.tone]);
}
