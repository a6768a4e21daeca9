// The costs of wrong decisions as lines of a limits file, with the threshold that was looked at as a remark: a limits file judges a model, it does not set its threshold.
import type { Costs } from '#shared/contract/validation';

/** YAML that the limits file takes as it is; text is quoted, so that no label becomes anything else. */
export function costsLines({ positive, escape, false_reject: falseReject, currency, defect_share: share, parts_per_day: parts }: Costs, threshold: number | null): string {
  const fields = [`positive: ${JSON.stringify(positive)}`, `escape: ${escape}`, `false_reject: ${falseReject}`, `currency: ${JSON.stringify(currency)}`, ...(share === undefined ? [] : [`defect_share: ${share}`]), ...(parts === undefined ? [] : [`parts_per_day: ${parts}`])];
  return `costs:\n${fields.map((field) => `  ${field}\n`).join('')}# decision threshold looked at: ${threshold === null ? 'never reject' : threshold}\n`;
}
