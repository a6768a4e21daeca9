// Words for data sets: purposes and the worst that was found.
import type { DatasetRecord } from '#shared/contract/datasets';
import { formatCount, plural } from '../../ui/format.ts';
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

const kindWords = { class: 'a class each', number: 'a number each', 'label set': 'any of several labels each', mask: 'a mask each', 'class and mask': 'a class each, and masks', boxes: 'boxes' } as const;

/** What the samples are judged by, in words. */
export function labelWords({ check }: DatasetRecord): string {
  if (!check.labelled) return 'without labels: calibration and parity only';
  // Records of earlier versions do not say the kind.
  if (check.labelKind === undefined || check.labelKind === null) return 'labelled';
  return `labels: ${kindWords[check.labelKind]}`;
}

/** What is counted for each class. */
export function countWords({ check }: DatasetRecord): { readonly title: string; readonly each: string } {
  switch (check.labelKind) {
    case 'boxes': return { title: 'Boxes by class', each: 'boxes each' };
    case 'mask': return { title: 'Images that show the class', each: 'images each' };
    case 'label set': return { title: 'Samples with the label', each: 'samples each' };
    default: return { title: 'Samples by class', each: 'samples each' };
  }
}

/** "1 to 20", or one number where all are equal; empty without any. */
export function spreadOf(counts: readonly number[]): string {
  return counts.length === 0 ? '' : [...new Set([Math.min(...counts), Math.max(...counts)])].map(formatCount).join(' to ');
}
