// millwright validate cost-dial
import type { Command } from 'commander';
import type { CostPoint, TurnedCostDial } from '#shared/contract/validation';
import { AppError } from '#shared/errors';
import type { CliContext } from '../CliContext.ts';

const number = (value: number): string => Number(value.toPrecision(5)).toString();
const percent = (rate: number) => `${number(rate * 100)} %`;
const at = (threshold: number | null) => (threshold === null ? 'never reject' : number(threshold));

function human({ dial, at: asked, now, cheapest, limitsText }: TurnedCostDial, cli: CliContext): string {
  const { costs, costInterval } = dial;
  const rate = ({ count, of, rate: share, interval }: CostPoint['escapes']) => `${count} of ${of}, ${percent(share)} (${percent(interval.low)} to ${percent(interval.high)})`;
  const row = (name: string, point: CostPoint) => [name, at(point.threshold), rate(point.escapes), rate(point.falseRejects), number(point.costPerPart), point.costPerDay === null ? '' : number(point.costPerDay)];
  const same = asked.threshold === cheapest.threshold;
  return [
    cli.table(['', 'THRESHOLD', 'ESCAPES', 'FALSE REJECTS', `${costs.currency} A PART`, `${costs.currency} A DAY`], [row('now', now), row('cheapest', cheapest), ...(same ? [] : [row('asked for', asked)])]),
    `cheapest threshold ${at(dial.threshold)}, ${costInterval.confidence * 100} % interval ${at(dial.thresholdLow)} to ${at(dial.thresholdHigh)}; ${number(costInterval.low)} to ${number(costInterval.high)} ${costs.currency} a part (${costInterval.method}, n = ${dial.samples})`,
    `rejects ${costs.positive}; ${percent(dial.defectShare)} of the parts are defects${costs.defect_share === undefined ? ' as in the test data, which may differ from the line' : ''}`,
    'It was chosen on the data that it is judged on, so its cost is optimistic. No limits file and no report was changed. For a limits file:', '', limitsText.trimEnd(),
  ].join('\n');
}

export function registerCostDial(validate: Command, cli: CliContext): void {
  const dial = validate.command('cost-dial <attempt>');
  const root = validate.parent ?? validate;
  // The options of `validate` itself are of a run; they mean nothing here.
  dial.configureHelp({ showGlobalOptions: true, visibleGlobalOptions: () => root.createHelp().visibleOptions(root).filter(({ long }) => long !== '--help') });
  dial.description('what a decision threshold lets through, rejects and costs, on the samples of a validation that was made')
    .option('--escape-cost <amount>', 'cost of a defective part that is passed').option('--reject-cost <amount>', 'cost of a good part that is rejected')
    .option('--parts-per-day <n>', 'parts a day on the line').option('--defect-share <share>', 'share of defective parts on the line, between 0 and 1; without it as in the test data')
    .option('--threshold <p>', 'least probability at which a part is rejected, 0 to 1; without it the cheapest').option('--positive <class>', 'the class to reject').option('--currency <code>', 'of the costs, such as EUR')
    .addHelpText('after', '\nATTEMPT is the id of a validation or of its evidence, or "last". What is left out is as in the limits of that run; nothing of it is changed.\nExample:\n  millwright validate cost-dial last --escape-cost 240 --reject-cost 3 --parts-per-day 12000 --threshold 0.4')
    .action(cli.action(async (attempt: string) => {
      // `validate` has options of the same names, and takes their values for its own.
      const options = dial.optsWithGlobals<{ escapeCost?: string; rejectCost?: string; partsPerDay?: string; defectShare?: string; threshold?: string; positive?: string; currency?: string }>();
      const amount = (flag: string, text: string | undefined, key: string, fits: (value: number) => boolean, wanted: string) => {
        if (text === undefined) return {};
        const value = text.trim() === '' ? Number.NaN : Number(text);
        if (!Number.isFinite(value) || !fits(value)) throw new AppError('BAD_USAGE', `${flag} is "${text}", but it must be ${wanted}.`);
        return { [key]: value };
      };
      const id = attempt === 'last' ? (await cli.call('validation.list', {}))[0]?.id : attempt;
      if (id === undefined) throw new AppError('NOT_FOUND', 'There is no validation yet.', { hint: 'Make one with `millwright validate`.' });
      const output = await cli.call('validation.costDial', {
        id, ...amount('--escape-cost', options.escapeCost, 'escapeCost', (value) => value >= 0, 'a number from 0'), ...amount('--reject-cost', options.rejectCost, 'rejectCost', (value) => value >= 0, 'a number from 0'),
        ...amount('--parts-per-day', options.partsPerDay, 'partsPerDay', (value) => value > 0, 'a number above 0'), ...amount('--defect-share', options.defectShare, 'defectShare', (value) => value > 0 && value < 1, 'between 0 and 1'),
        ...amount('--threshold', options.threshold, 'threshold', (value) => value >= 0 && value <= 1, 'from 0 to 1'),
        ...(options.positive === undefined ? {} : { positive: options.positive }), ...(options.currency === undefined ? {} : { currency: options.currency }),
      });
      cli.result(output, () => human(output, cli));
    }));
}
