// Human agreement: kappa among people, of each with themselves and with the labels, and the samples that they dispute.
import type { AgreementResult } from '#shared/contract/agreement';
import { column, facts, notPerformed, number, paragraph, table, type Block, type Cell } from '../model.ts';
import type { ValidationReceipt } from '../receipt.ts';
import { formatInterval, formatNumber, formatPercent, formatTime } from '../text.ts';
import { say } from '../texts/say.ts';
import { missing } from './Part.ts';

type Pairing = AgreementResult['raters'][number]['self'];
const kappaText = (kappa: number | null, interval: AgreementResult['interval']) => (kappa === null ? say('not defined: one answer throughout') : `${formatNumber(kappa)}; ${formatInterval(interval)}`);
const pairText = (pairing: Pairing) => (pairing === null ? say('not performed') : say('{share} of {n}; kappa {kappa}', { share: formatPercent(pairing.share), n: pairing.samples, kappa: pairing.kappa === null ? say('not defined') : `${formatNumber(pairing.kappa)}, ${formatInterval(pairing.interval)}` }));

export function agreementBlocks({ agreementStudy }: Pick<ValidationReceipt, 'agreementStudy'>): Block[] | ReturnType<typeof missing> {
  if (agreementStudy === null) return missing('No operator agreement study was made.');
  const { title, seed, closedAt, result } = agreementStudy;
  return [
    facts([['Study', title], ['Closed', formatTime(closedAt)], ['People', String(result.raters.length)], ['Samples', say('{n}, drawn with the seed {seed}', { n: result.samples, seed })], [say("{name}'s kappa", { name: result.method }), kappaText(result.kappa, result.interval)], ['Disputed samples', String(result.disputed.length)]]),
    table('Each person', [column('Person', 1.2), column('Proven by a password', 0.8), column('Agrees with themselves', 1.8), column('Agrees with the labels', 1.8)], result.raters.map((rater): Cell[] => [rater.name, rater.authenticated ? say('yes') : say('no'), pairText(rater.self), pairText(rater.reference)])),
    ...(result.raters.every(({ self }) => self === null) ? [notPerformed('Agreement of each person with themselves', 'No sample was shown twice.')] : []),
    ...(result.disputed.length > 0 ? [table('Disputed samples', [column('Sample', 2), column('Label', 1), column('Answers, in the order of the people', 2), number('Different', 0.6)], result.disputed.map(({ sample, label, answers }): Cell[] => [sample, label ?? say('none'), answers.join(', '), String(new Set(answers).size)]))] : []),
    paragraph('Each person saw the inputs alone, in an order of their own, without the answer of a model and without the label.', 'muted'),
  ];
}
