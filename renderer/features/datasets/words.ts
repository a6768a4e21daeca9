// Words for data sets: purposes and the worst that was found.
import type { DatasetRecord } from '#shared/contract/datasets';
import { plural } from '../../ui/format.ts';
import type { Tone } from '../../ui/Status.tsx';

export const purposeWords = { calibration: 'Calibration', test: 'Test', challenge: 'Challenge' } as const;
export const purposeHelp = { calibration: 'Used to find value ranges when quantizing; labels are not needed.', test: 'Judges the model against its limits; must not overlap with calibration.', challenge: 'Golden samples that are replayed later, for instance at each shift start.' } as const;

export function worstTone(set: DatasetRecord): { readonly tone: Tone; readonly word: string } {
  const errors = set.check.findings.filter((finding) => finding.severity === 'error').length;
  const warnings = set.check.findings.filter((finding) => finding.severity === 'warning').length;
  if (errors > 0) return { tone: 'bad', word: plural(errors, 'error') };
  if (warnings > 0) return { tone: 'warn', word: plural(warnings, 'warning') };
  return { tone: 'ok', word: 'none' };
}
