// Where the report shows how the metric of a limit was measured.
import { classFigureMetrics, taskMetrics, type LimitResult, type Metric } from '#shared/contract/validation';
import { sectionTable, type SectionId } from './sections.ts';

const ofAccuracy: readonly Metric[] = [...classFigureMetrics, ...taskMetrics, 'accuracy', 'escape_rate', 'false_reject_rate', 'mae', 'rmse', 'r2'];
const ofParity: readonly Metric[] = ['accuracy_drop', 'flips', 'sqnr_db', 'cosine', 'max_abs_error'];

/** A limit on disturbed samples names its severity. */
export function sectionOfLimit({ metric, limit }: Pick<LimitResult, 'metric' | 'limit'>): SectionId {
  if (limit.includes(' of severity ')) return 'robustness';
  return ofAccuracy.includes(metric) ? 'accuracy' : ofParity.includes(metric) ? 'parity' : metric === 'size_mb' ? 'model' : 'performance';
}

/** "12" */
export const sectionNumberOfLimit = (limit: Pick<LimitResult, 'metric' | 'limit'>): string => sectionTable.find(({ id }) => id === sectionOfLimit(limit))?.number ?? '';
