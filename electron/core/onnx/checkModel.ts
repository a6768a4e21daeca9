// Checks a decoded model against the ONNX rules and against what the runtime here can do; findings name the node.
import { create } from '@bufbuild/protobuf';
import type { Finding } from '#shared/finding';
import { checkGraph, type VisibleNames } from './check/checkGraph.ts';
import { checkNode, type NodeCheck } from './check/checkNode.ts';
import type { ExternalFiles } from './check/checkTensor.ts';
import { findingList, quoted, type FindingList } from './check/FindingList.ts';
import { canonicalDomain, domainLabel } from './graph/opsets.ts';
import { outerReadsOf, readsOf } from './graph/subgraphs.ts';
import { viewGraph, type GraphView } from './GraphView.ts';
import { inferTypes } from './inferTypes.ts';
import { isKnownDomain, newestOpset } from './operators/schemas.ts';
import { newestIrVersion } from './opset/irVersions.ts';
import { GraphProtoSchema, type FunctionProto, type ModelProto } from './schema/onnx_pb.ts';

export interface CheckContext {
  /** How to ask for the files of external tensors; null leaves them unchecked. */
  readonly files: ExternalFiles | null;
  readonly signal?: AbortSignal | undefined;
}

/** Findings, errors first. Never throws for what is in the model; aborts with the signal's reason. */
export function checkModel(model: ModelProto, { files, signal }: CheckContext): Finding[] {
  const findings = findingList();
  const opsets = checkHeader(model, findings);
  if (!model.graph) return findings.all();
  const types = inferTypes(model, signal);
  const functions = new Set(model.functions.map((one) => `${canonicalDomain(one.domain)}:${one.name}`));
  const root = viewGraph(model.graph);
  const shared = { types, findings, functions, opsetOf: (domain: string) => opsets.get(domain) ?? null };
  const walk = (view: GraphView, outer: VisibleNames): void => {
    const visible = checkGraph({ view, findings, files, outer });
    const check: NodeCheck = { ...shared, view, inFunction: false };
    for (const node of view.graph.node) {
      signal?.throwIfAborted();
      checkNode(check, node, `${view.place}${view.nameOf(node)}`);
      for (const inner of view.subviewsOf(node)) walk(inner, visible);
    }
  };
  walk(root, new Set());
  for (const one of model.functions) checkFunction(model, one, findings, functions, signal);
  for (const conflict of types.conflicts) findings.add('SHAPE_CONFLICT', 'warning', conflict.value, `The value ${quoted(conflict.value)} is ${conflict.message}.`, 'Export the model again, or leave the declaration out.');
  checkUnused(root, findings);
  return findings.all();
}

/** Version fields and imports; answers the imported version by canonical domain. */
function checkHeader(model: ModelProto, findings: FindingList): Map<string, number> {
  const ir = Number(model.irVersion);
  if (ir < 1) findings.add('IR_VERSION', 'error', 'model', 'The model names no version of the file format.', 'Export the model again.');
  else if (ir > newestIrVersion) findings.add('IR_VERSION', 'warning', 'model', `The model is of file format version ${model.irVersion}, which is newer than ${newestIrVersion}, the newest known here.`, 'Export the model for an older version.');
  const opsets = new Map<string, number>();
  for (const entry of model.opsetImport) {
    const domain = canonicalDomain(entry.domain);
    const version = Number(entry.version);
    const label = quoted(domainLabel(domain));
    if (opsets.has(domain) && opsets.get(domain) !== version) findings.add('OPSET_TWICE', 'error', 'model', `The domain ${label} is imported in two versions.`, 'Export the model again.');
    opsets.set(domain, version);
    const newest = newestOpset(domain);
    if (version < 1) findings.add('OPSET_VERSION', 'error', 'model', `The import of ${label} names the version ${entry.version}, which does not exist.`, 'Export the model again.');
    else if (newest !== null && version > newest) findings.add('OPSET_NEWER', 'warning', 'model', `The model imports ${label} in version ${version}, which is newer than ${newest}, the newest known here.`, 'Export the model with an older opset.');
    else if (domain === '' && version < 7) findings.add('OPSET_OLD', 'warning', 'model', `The model imports opset ${version}; the runtime here promises opset 7 and newer.`, 'Export the model with a newer opset.');
    if (newest === null && !isKnownDomain(domain)) findings.add('OPSET_DOMAIN', 'info', 'model', `The model imports the domain ${label}, which is not a published one.`);
  }
  if (model.opsetImport.length === 0 && ir >= 3) findings.add('OPSET_MISSING', 'error', 'model', 'The model imports no operator set.', 'Export the model again.');
  else if (model.opsetImport.length === 0) opsets.set('', 1); // before IR version 3 there was only one
  if (model.trainingInfo.length > 0) findings.add('TRAINING_INFO', 'info', 'model', 'The model carries training graphs, which are not used here.');
  if (model.functions.length > 0) findings.add('FUNCTIONS', 'info', 'model', `The model has ${model.functions.length} function${model.functions.length === 1 ? '' : 's'} of its own.`);
  return opsets;
}

/** A function's body is a graph whose inputs have names only. */
function checkFunction(model: ModelProto, one: FunctionProto, findings: FindingList, functions: ReadonlySet<string>, signal: AbortSignal | undefined): void {
  const graph = create(GraphProtoSchema, { node: one.node, input: one.input.map((name) => ({ name })), output: one.output.map((name) => ({ name })) });
  const place = `function ${one.name}/`;
  const view = viewGraph(graph, null, null, place);
  const visible = checkGraph({ view, findings, files: null, outer: new Set() });
  const imports = one.opsetImport.length > 0 ? one.opsetImport : model.opsetImport;
  const check: NodeCheck = {
    view, findings, functions, inFunction: true,
    types: { typeOf: () => null, rankOf: () => null, intsOf: () => null, unknownOperators: [], conflicts: [] },
    opsetOf: (domain) => { const entry = imports.find((item) => canonicalDomain(item.domain) === domain); return entry ? Number(entry.version) : null; },
  };
  for (const node of one.node) {
    signal?.throwIfAborted();
    checkNode(check, node, `${place}${view.nameOf(node)}`);
    for (const inner of view.subviewsOf(node)) for (const name of outerReadsOf(inner.graph)) if (!visible.has(name)) findings.add('INPUT_UNDEFINED', 'error', `${place}${view.nameOf(node)}`, `A graph within the ${node.opType} node reads ${quoted(name)}, which nothing defines.`, 'Export the model again.');
  }
}

/** Weights and nodes that nothing uses cost size and load time only. */
function checkUnused(root: GraphView, findings: FindingList): void {
  const read = new Set([...root.graph.node.flatMap(readsOf), ...root.graph.output.map((output) => output.name)]);
  const weights = root.graph.initializer.filter((tensor) => !read.has(tensor.name));
  if (weights.length > 0) findings.add('INITIALIZER_UNUSED', 'info', 'graph', `${weights.length} stored tensor${weights.length === 1 ? ' is' : 's are'} used by nothing, such as ${quoted(weights[0]?.name ?? '')}.`);
  const nodes = root.graph.node.filter((node) => node.output.every((name) => !read.has(name)));
  if (nodes[0]) findings.add('NODE_UNUSED', 'info', root.nameOf(nodes[0]), `${nodes.length} node${nodes.length === 1 ? '' : 's'} make values that nothing uses.`);
}
