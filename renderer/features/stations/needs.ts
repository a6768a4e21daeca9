// What needs a person on the stations screen, worst first: a failed limit, a lack, a deviation, a signature.
import type { EvidenceRecord } from '#shared/contract/evidence';
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

export function needsOf(stations: readonly StationRecord[], evidence: readonly EvidenceRecord[]): readonly Need[] {
  return stations.flatMap((station): readonly Need[] => { const need = needOf(station, evidence.find((each) => each.id === station.evidenceId)); return need ? [{ station, ...need }] : []; })
    .sort((a, b) => order[a.tone] - order[b.tone]);
}
