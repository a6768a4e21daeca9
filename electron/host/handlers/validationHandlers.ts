// Answers the operations on validations and limits.
import { parseLimits } from '#core/limits/parseLimits';
import { limitsRecords, lockLimits } from '#services/validation/lockLimits';
import { validateModel, validationRecords } from '#services/validation/validateModel';
import type { Services } from '#services/Services';
import type { Handlers } from './Handlers.ts';

type ValidationOperations = 'validation.run' | 'validation.list' | 'validation.lockLimits' | 'validation.listLimits' | 'validation.checkLimits';

/** `peers` describe the models; a validation needs no other noun by name. */
export const validationHandlers = (services: Services, peers: Pick<Handlers, 'models.show'>): Pick<Handlers, ValidationOperations> => ({
  'validation.run': {
    subject: ({ model }) => ('path' in model ? model.path.split(/[\\/]/).at(-1) ?? model.path : model.id),
    run: (input, context) => validateModel(services, { showModel: (model, signal) => peers['models.show']({ model }, { signal }) }, input, context),
  },
  'validation.list': () => Promise.resolve(validationRecords(services).list()),
  'validation.lockLimits': (input) => lockLimits(services, input),
  'validation.listLimits': () => Promise.resolve(limitsRecords(services).list()),
  'validation.checkLimits': async ({ text }) => ({ limits: parseLimits(text) }),
});
