// What an operator agreement study shows: agreement among people, of each with themselves, and of each with the reference labels.
import type { AgreementResult } from '#shared/contract/agreement';
import { cohenAgreement, fleissAgreement } from './agreement.ts';

export interface RaterAnswers { readonly name: string; readonly authenticated: boolean; /** By sample. */ readonly answers: readonly string[]; /** The second answer, where the sample was shown again. */ readonly again: readonly (string | null)[] }

/** The first answer counts among people. All lists are in the order of `samples`. */
export function agreementResult(samples: readonly { readonly sample: string; readonly label: string | null }[], raters: readonly RaterAnswers[]): AgreementResult {
  const rows = samples.map((_, at) => raters.map(({ answers }) => answers[at] ?? ''));
  const [first, second] = raters;
  const overall = raters.length === 2 && first && second ? cohenAgreement(first.answers, second.answers) : fleissAgreement(rows);
  return {
    method: raters.length === 2 ? 'Cohen' : 'Fleiss', kappa: overall?.kappa ?? null, interval: overall?.interval ?? null, samples: samples.length,
    raters: raters.map(({ name, authenticated, answers, again }) => ({
      name, authenticated,
      self: paired(answers, again), reference: paired(answers, samples.map(({ label }) => (label === '' ? null : label))),
    })),
    disputed: samples.flatMap(({ sample, label }, at) => (new Set(rows[at]).size > 1 ? [{ sample, label, answers: rows[at] ?? [] }] : [])),
  };
}

/** Over the samples that have both. */
function paired(answers: readonly string[], others: readonly (string | null)[]): AgreementResult['raters'][number]['self'] {
  const pairs = answers.flatMap((answer, at) => { const other = others[at]; return other === null || other === undefined ? [] : [[answer, other] as const]; });
  if (pairs.length === 0) return null;
  const kappa = cohenAgreement(pairs.map(([answer]) => answer), pairs.map(([, other]) => other));
  return { kappa: kappa?.kappa ?? null, interval: kappa?.interval ?? null, share: pairs.filter(([answer, other]) => answer === other).length / pairs.length, samples: pairs.length };
}
