// TensorFlow Serving's REST interface, which is KServe's first protocol too: /v1/models/NAME and :predict.
import type { Handler, RouteFinder } from '../http/HttpExchange.ts';
import { jsonReply } from '../http/HttpExchange.ts';
import { inferHandler } from '../http/inferHandler.ts';
import type { ModelState } from '../repository/createModelRegistry.ts';

const states: Readonly<Record<ModelState, string>> = { LOADING: 'LOADING', READY: 'AVAILABLE', UNLOADING: 'UNLOADING', UNAVAILABLE: 'END' };

const status = (name: string, version: string | null): Handler => (_exchange, { registry }) => {
  const { state } = registry.find(name, version);
  const versions = version === null ? registry.versionsOf(name) : [registry.find(name, version)];
  return jsonReply({ name, ready: state === 'READY', model_version_status: versions.map((one) => ({ version: one.version, state: states[one.state], status: { error_code: one.reason === '' ? 'OK' : 'UNAVAILABLE', error_message: one.reason } })) });
};

const metadata = (name: string, version: string | null): Handler => (_exchange, { registry }) => {
  const { engine, version: served } = registry.serving(name, version);
  const described = (tensors: typeof engine.signature.inputs) => Object.fromEntries(tensors.map((tensor) => [tensor.name, { dtype: tensor.datatype, tensor_shape: { dim: tensor.shape.map((size) => ({ size: String(size) })) }, name: tensor.name }]));
  return jsonReply({ model_spec: { name, version: served, signature_name: '' }, metadata: { signature_def: { signature_def: { serving_default: { inputs: described(engine.signature.inputs), outputs: described(engine.signature.outputs), method_name: 'tensorflow/serving/predict' } } } } });
};

const verb = /^(.+):predict$/;

export const tfServingRoutes: RouteFinder = ([root, area, first, second, third, fourth]) => {
  if (root !== 'v1' || area !== 'models' || first === undefined) return null;
  if (second === undefined) {
    const name = verb.exec(first)?.[1];
    return name === undefined ? { GET: status(first, null) } : { POST: inferHandler({ name, version: null, form: 'predict' }) };
  }
  if (second === 'metadata' && third === undefined) return { GET: metadata(first, null) };
  if (second !== 'versions' || third === undefined) return null;
  if (fourth !== undefined) return fourth === 'metadata' ? { GET: metadata(first, third) } : null;
  const version = verb.exec(third)?.[1];
  return version === undefined ? { GET: status(first, third) } : { POST: inferHandler({ name: first, version, form: 'predict' }) };
};
