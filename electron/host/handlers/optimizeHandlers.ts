// Answers quantization; the comparison of two models is answered beside the benchmarks.
import { basename } from 'node:path';
import { quantizeModel } from '#services/models/quantizeModel';
import type { HandlersOf } from './Handlers.ts';

export const optimizeHandlers: HandlersOf<'models.quantize'> = (services) => ({
  'models.quantize': {
    subject: ({ model }) => ('id' in model ? model.id : basename(model.path)),
    run: (input, context) => quantizeModel(services, input, context),
  },
});
