// The machine-learning bill of materials: CycloneDX 1.6 JSON with the models, the data sets and the tool.
import type { DataIdentity, ModelIdentity, ValidationReceipt } from './receipt.ts';
import { formatShape, safeText } from './text.ts';
import { inLanguage } from './texts/say.ts';

type Json = Readonly<Record<string, unknown>>;
const text = (value: string) => safeText(value, 500);
const sha256 = (content: string): Json[] => [{ alg: 'SHA-256', content }];

function modelComponent(model: ModelIdentity, ref: string, receipt: ValidationReceipt, description: string, quantitative: Json | null): Json {
  return {
    'type': 'machine-learning-model', 'bom-ref': ref, 'name': text(model.name), 'version': text(model.version ?? model.summary.sha256.slice(0, 12)), 'description': description,
    'hashes': sha256(model.summary.sha256),
    ...(model.licence ? { licenses: [{ license: { name: text(model.licence) } }] } : {}),
    'modelCard': {
      modelParameters: {
        task: receipt.data.check.task, modelArchitecture: `ONNX graph of ${model.summary.nodes} nodes, ${model.summary.parameters} parameters, ${model.summary.precision}`,
        datasets: [{ ref: 'data-test' }, ...(receipt.transformation?.calibration ? [{ ref: 'data-calibration' }] : [])],
        inputs: model.summary.inputs.map((tensor) => ({ format: text(`${tensor.name}: ${tensor.type} ${inLanguage('en', formatShape(tensor.shape))}`) })),
        outputs: model.summary.outputs.map((tensor) => ({ format: text(`${tensor.name}: ${tensor.type} ${inLanguage('en', formatShape(tensor.shape))}`) })),
      },
      ...(quantitative ? { quantitativeAnalysis: quantitative } : {}),
    },
    'properties': [
      { name: 'millwright:format', value: `ONNX IR ${model.summary.irVersion}` }, { name: 'millwright:sizeBytes', value: String(model.summary.sizeBytes) }, { name: 'millwright:sourceSha256', value: model.sourceSha256 }, { name: 'millwright:modelVersion', value: model.version === null ? 'not stated' : text(model.version) },
      ...(model.origin ? [{ name: 'millwright:origin', value: text(model.origin) }] : []),
    ],
  };
}

function dataComponent(data: Pick<DataIdentity, 'name' | 'manifestSha256' | 'samplesUsed'>, purpose: string, ref: string, contents: readonly Json[]): Json {
  return {
    'type': 'data', 'bom-ref': ref, 'name': text(data.name), 'version': data.manifestSha256.slice(0, 12), 'description': `${purpose} data, ${data.samplesUsed} samples used`,
    'hashes': sha256(data.manifestSha256),
    'data': [{ 'type': 'dataset', 'name': text(data.name), 'contents': { properties: contents } }],
    'properties': [{ name: 'millwright:hashOf', value: 'the manifest of the samples, not one file' }],
  };
}

function quantitativeAnalysis(receipt: ValidationReceipt): Json {
  return {
    performanceMetrics: receipt.limits.filter((limit) => limit.value !== null).map((limit) => ({
      type: text(limit.metric), value: String(limit.value), slice: text(limit.id),
      ...(limit.interval ? { confidenceInterval: { lowerBound: String(limit.interval.low), upperBound: String(limit.interval.high) } } : {}),
    })),
  };
}

/** @param serial a UUID derived from the receipt's hash, so that the same receipt gives the same bytes. */
export function renderBom(receipt: ValidationReceipt, serial: string): string {
  const { model, reference, data, transformation } = receipt;
  const components = [
    modelComponent(model, 'model', receipt, 'The model under test.', quantitativeAnalysis(receipt)),
    ...(reference && reference.summary.sha256 !== model.summary.sha256 ? [modelComponent(reference, 'model-reference', receipt, 'The original that it was compared with.', null)] : []),
    dataComponent(data, data.purpose, 'data-test', [{ name: 'millwright:samples', value: String(data.check.samples) }, { name: 'millwright:task', value: data.check.task }]),
    ...(transformation?.calibration ? [dataComponent(transformation.calibration, 'calibration', 'data-calibration', [{ name: 'millwright:samples', value: String(transformation.calibration.samplesUsed) }])] : []),
    ...(receipt.runtimeVersion ? [{ 'type': 'library', 'bom-ref': 'runtime', 'name': 'onnxruntime-node', 'version': receipt.runtimeVersion, 'purl': `pkg:npm/onnxruntime-node@${encodeURIComponent(receipt.runtimeVersion)}` }] : []),
  ];
  return `${JSON.stringify({
    bomFormat: 'CycloneDX', specVersion: '1.6', serialNumber: `urn:uuid:${serial}`, version: receipt.revision,
    metadata: {
      timestamp: new Date(receipt.takenAt).toISOString(),
      tools: { components: [{ type: 'application', name: 'Millwright', version: receipt.productVersion }] },
      component: { 'type': 'application', 'bom-ref': 'station', 'name': text(receipt.station?.name ?? receipt.title), 'version': String(receipt.revision) },
      properties: [{ name: 'millwright:verdict', value: receipt.verdict }, { name: 'millwright:exploratory', value: String(receipt.exploratory) }],
    },
    components,
    dependencies: [{ ref: 'station', dependsOn: components.map((component) => component['bom-ref']) }, ...(reference && reference.summary.sha256 !== model.summary.sha256 ? [{ ref: 'model', dependsOn: ['model-reference'] }] : [])],
  }, null, 1)}\n`;
}

/** A version 8 UUID (RFC 9562) out of the first 16 bytes of a hash. */
export function uuidOfHash(hash: string): string {
  const variant = ((Number.parseInt(hash[16] ?? '0', 16) & 0x3) | 0x8).toString(16);
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-${variant}${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}
