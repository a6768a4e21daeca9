// Which stations have a model that may be served: validated, limits kept, evidence at hand, the file in the registry.
import type { BenchPoint } from '#shared/contract/benchmarks';
import type { EvidenceRecord } from '#shared/contract/evidence';
import type { ModelRecord } from '#shared/contract/models';
import type { StationRecord } from '#shared/contract/stations';
import type { ValidationOutput } from '#shared/contract/validation';

export interface Servable { readonly station: StationRecord; readonly report: EvidenceRecord; readonly run: ValidationOutput; readonly model: ModelRecord; readonly point: BenchPoint | null }

/** The model is the one whose hash the validation names, not whatever the station points at now. Approved ones first. */
export function servableOf({ stations, models, evidence, runs }: { readonly stations: readonly StationRecord[]; readonly models: readonly ModelRecord[]; readonly evidence: readonly EvidenceRecord[]; readonly runs: readonly ValidationOutput[] }): readonly Servable[] {
  return stations.flatMap((station): readonly Servable[] => {
    const report = evidence.find((each) => each.id === station.evidenceId);
    const run = runs.find((each) => each.id === report?.validationId);
    const model = models.find((each) => each.summary.sha256 === run?.modelSha256);
    if (!report || !run || !model || station.status !== 'commissioned' || report.state === 'superseded' || run.exploratory || (run.verdict !== 'PASS' && run.verdict !== 'PASS WITH DEVIATIONS')) return [];
    return [{ station, report, run, model, point: run.bench?.best ?? run.bench?.points[0] ?? null }];
  }).sort((a, b) => Number(b.report.state === 'approved') - Number(a.report.state === 'approved'));
}
