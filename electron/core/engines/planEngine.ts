// Chooses the adapter of an engine and refuses, in a sentence, what the engine cannot serve.
import { AppError } from '#shared/errors';
import { engineFacts, type EngineId, type ModelFormat } from '#shared/engines';
import type { EnginePlan, EngineRequest } from './EnginePlan.ts';
import { planMlServer } from './mlServer.ts';
import { planOvms } from './ovms.ts';
import { datatypeOf } from './tensorTypes.ts';
import { planTfServing } from './tfServing.ts';
import { planTorchServe } from './torchServe.ts';
import { planTriton } from './triton.ts';

export type OtherEngineId = Exclude<EngineId, 'millwright'>;

/** The formats are checked once more where the adapter is called, so that its narrower type holds. */
const adapters: Readonly<Record<OtherEngineId, (request: EngineRequest) => EnginePlan | null>> = {
  'triton': (request) => (isOneOf(request, ['onnx', 'openvino', 'tensorrt']) ? planTriton(request) : null),
  'ovms': (request) => (isOneOf(request, ['onnx', 'openvino']) ? planOvms(request) : null),
  'tf-serving': (request) => (isOneOf(request, ['savedmodel']) ? planTfServing(request) : null),
  'torchserve': (request) => (isOneOf(request, ['mar']) ? planTorchServe(request) : null),
  'mlserver': (request) => (isOneOf(request, ['onnx']) ? planMlServer(request) : null),
};

function isOneOf<const Format extends ModelFormat>(request: EngineRequest, formats: readonly Format[]): request is EngineRequest & { readonly format: Format } {
  return formats.some((format) => format === request.format);
}

const formatTitles: Readonly<Record<ModelFormat, string>> = { onnx: 'ONNX models', openvino: 'OpenVINO models (.xml with .bin)', savedmodel: 'TensorFlow SavedModel folders', tensorrt: 'TensorRT plans (.plan)', mar: 'TorchServe archives (.mar)' };

/** What to do with an ONNX model that the chosen engine does not take. */
const remedies: Partial<Readonly<Record<EngineId, string>>> = {
  'torchserve': 'Pack the model with a handler (torch-model-archiver) and deploy the .mar file, or choose Millwright, Triton, OpenVINO Model Server or MLServer.',
  'tf-serving': 'Export the model as a SavedModel and deploy that folder, or choose Millwright, Triton, OpenVINO Model Server or MLServer.',
};

/** Before anything is loaded or copied. @throws AppError MODEL_UNSUPPORTED */
export function refuseFormat(engine: EngineId, format: ModelFormat): void {
  const { title, formats } = engineFacts[engine];
  if (formats.includes(format)) return;
  const takers = Object.values(engineFacts).filter((facts) => facts.formats.includes(format)).map((facts) => facts.title);
  throw new AppError('MODEL_UNSUPPORTED', `${title} does not serve ${formatTitles[format]}; it serves ${formats.map((each) => formatTitles[each]).join(', ')}.`, { hint: (format === 'onnx' ? remedies[engine] : undefined) ?? `Choose ${takers.join(' or ')} for this model.` });
}

/** @throws AppError BAD_INPUT for a name that engines refuse, MODEL_UNSUPPORTED for a format or an element type that this engine does not serve */
export function planEngine(engine: OtherEngineId, request: EngineRequest): EnginePlan {
  const { title } = engineFacts[engine];
  refuseFormat(engine, request.format);
  if (!/^[A-Za-z0-9][\w.-]{0,62}$/.test(request.name)) throw new AppError('BAD_INPUT', `"${request.name.slice(0, 80)}" cannot be the name of a served model.`, { hint: 'Use up to 63 letters, digits, dots, dashes and underscores, beginning with a letter or digit.' });
  if (!Number.isInteger(request.version) || request.version < 1) throw new AppError('BAD_INPUT', `${title} counts versions in whole numbers from 1, not ${request.version}.`, { hint: 'Give a version such as 1.' });
  const strange = [...request.inputs, ...request.outputs].find((tensor) => datatypeOf(tensor.type) === null);
  if (strange) throw new AppError('MODEL_UNSUPPORTED', `${title} has no name for the type ${strange.type} of ${strange.name}.`, { hint: 'Serve the model with Millwright, or export it with another type.' });
  const made = adapters[engine](request);
  if (made === null) throw new AppError('INTERNAL', `${title} has no plan for ${request.format} models.`);
  return made;
}
