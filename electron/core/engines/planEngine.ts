// Chooses the adapter of an engine and refuses, in a sentence, what the engine cannot serve.
import { AppError } from '#shared/errors';
import type { EngineId, EnginePlan, EngineRequest, ModelFormat } from './EnginePlan.ts';
import { planMlServer } from './mlServer.ts';
import { planOvms } from './ovms.ts';
import { datatypeOf } from './tensorTypes.ts';
import { planTfServing } from './tfServing.ts';
import { planTorchServe } from './torchServe.ts';
import { planTriton } from './triton.ts';

export type OtherEngineId = Exclude<EngineId, 'millwright'>;

interface Adapter { readonly title: string; readonly formats: readonly ModelFormat[]; plan(request: EngineRequest): EnginePlan | null }

/** The formats are checked once more where the adapter is called, so that its narrower type holds. */
export const engineTable: Readonly<Record<OtherEngineId, Adapter>> = {
  'triton': { title: 'Triton', formats: ['onnx', 'openvino', 'tensorrt'], plan: (request) => (isOneOf(request, ['onnx', 'openvino', 'tensorrt']) ? planTriton(request) : null) },
  'ovms': { title: 'OpenVINO Model Server', formats: ['onnx', 'openvino'], plan: (request) => (isOneOf(request, ['onnx', 'openvino']) ? planOvms(request) : null) },
  'tf-serving': { title: 'TensorFlow Serving', formats: ['savedmodel'], plan: (request) => (isOneOf(request, ['savedmodel']) ? planTfServing(request) : null) },
  'torchserve': { title: 'TorchServe', formats: ['mar'], plan: (request) => (isOneOf(request, ['mar']) ? planTorchServe(request) : null) },
  'mlserver': { title: 'MLServer', formats: ['onnx'], plan: (request) => (isOneOf(request, ['onnx']) ? planMlServer(request) : null) },
};

function isOneOf<const Format extends ModelFormat>(request: EngineRequest, formats: readonly Format[]): request is EngineRequest & { readonly format: Format } {
  return formats.some((format) => format === request.format);
}

/** @throws AppError BAD_INPUT for a name that engines refuse, MODEL_UNSUPPORTED for a format or an element type that this engine does not serve */
export function planEngine(engine: OtherEngineId, request: EngineRequest): EnginePlan {
  const { title, formats, plan } = engineTable[engine];
  if (!/^[A-Za-z0-9][\w.-]{0,62}$/.test(request.name)) throw new AppError('BAD_INPUT', `"${request.name.slice(0, 80)}" cannot be the name of a served model.`, { hint: 'Use up to 63 letters, digits, dots, dashes and underscores, beginning with a letter or digit.' });
  if (!Number.isInteger(request.version) || request.version < 1) throw new AppError('BAD_INPUT', `${title} counts versions in whole numbers from 1, not ${request.version}.`, { hint: 'Give a version such as 1.' });
  const strange = [...request.inputs, ...request.outputs].find((tensor) => datatypeOf(tensor.type) === null);
  if (strange) throw new AppError('MODEL_UNSUPPORTED', `${title} has no name for the type ${strange.type} of ${strange.name}.`, { hint: 'Serve the model with Millwright, or export it with another type.' });
  const made = plan(request);
  if (made === null) throw new AppError('MODEL_UNSUPPORTED', `${title} does not serve ${request.format} models; it serves ${formats.join(', ')}.`, { hint: request.format === 'onnx' ? 'Serve ONNX models with Millwright, Triton, OpenVINO Model Server or MLServer.' : `Export the model as ${formats[0]}.` });
  return made;
}
