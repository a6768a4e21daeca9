// Answers quantization; the comparison of two models is answered beside the benchmarks.
import { histogramOfLayer } from '#services/models/histogramOfLayer';
import { quantizeModel } from '#services/models/quantizeModel';
import type { HandlersOf } from './Handlers.ts';
import { modelSubject } from './subjects.ts';

export const optimizeHandlers: HandlersOf<'models.quantize' | 'models.histogram'> = (services) => ({
  'models.histogram': { subject: ({ model }) => modelSubject(services, model), run: (input, context) => histogramOfLayer(services, input, context) },
  'models.quantize': {
    subject: ({ model }) => modelSubject(services, model),
    run: (input, context) => quantizeModel(services, input, context),
  },
});
