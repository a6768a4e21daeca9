// Answers the operations on validations and limits.
import { parseLimits } from '#core/limits/parseLimits';
import { limitsRecords, lockLimits } from '#services/validation/lockLimits';
import { receiptReader } from '#services/validation/receiptReader';
import { costDialReader } from '#services/validation/turnCostDial';
import { validateModel, validationRecords } from '#services/validation/validateModel';
import type { HandlersOf } from './Handlers.ts';
import { modelSubject } from './subjects.ts';

type ValidationNames = 'validation.run' | 'validation.list' | 'validation.lockLimits' | 'validation.listLimits' | 'validation.checkLimits' | 'validation.costDial' | 'validation.explanations';

export const validationHandlers: HandlersOf<ValidationNames> = (services) => {
  const receiptOf = receiptReader(services);
  return {
    'validation.costDial': costDialReader(receiptOf),
    'validation.explanations': async ({ id }) => (await receiptOf(id)).receipt.explained,
    'validation.run': {
      subject: ({ model }) => modelSubject(services, model),
      run: (input, context) => validateModel(services, input, context),
    },
    'validation.list': () => Promise.resolve(validationRecords(services).list()),
    'validation.lockLimits': (input) => lockLimits(services, input),
    'validation.listLimits': () => Promise.resolve(limitsRecords(services).list()),
    'validation.checkLimits': async ({ text, fileName }) => ({ limits: parseLimits(text, fileName) }),
  };
};
