// The exit code of a validation: a limit that was not measured is not passed.
import type { ValidationOutput } from '#shared/contract/validation';

/** 1 where a limit failed or could not be measured; 0 else, also for a run without any limits, which only measures. */
export const exitOfVerdict = ({ verdict, limits }: Pick<ValidationOutput, 'verdict' | 'limits'>): 0 | 1 => (verdict === 'FAIL' || limits.some((limit) => limit.verdict === 'NOT MEASURED') ? 1 : 0);
