// Takes off ends that give sequences of maps or of tensors (scikit-learn and gradient-boosting exports), which runtimes cannot hand over:
// the tensor behind them becomes the output, and the class names become labels.
import { copyMessage } from './copyModel.ts';
import { canonicalDomain } from './graph/opsets.ts';
import { viewGraph, type GraphView } from './GraphView.ts';
import { inferTypes } from './inferTypes.ts';
import { classLabelsOf } from './operators/classicalMl.ts';
import type { GraphProto, ModelProto, NodeProto } from './schema/onnx_pb.ts';
import { valueInfo } from './types/ValueType.ts';

export interface StrippedModel {
  /** A new model (tensor bytes shared), or the given one when there was nothing to take off. */
  readonly model: ModelProto;
  /** Class names in the order of the score columns, from the first end that names them; null when none does. */
  readonly labels: readonly string[] | null;
  /** One sentence for each end taken off. */
  readonly changes: readonly string[];
}

const isZipMap = (node: NodeProto) => node.opType === 'ZipMap' && canonicalDomain(node.domain) === 'ai.onnx.ml';
const isSequence = (node: NodeProto) => node.opType === 'SequenceConstruct' && canonicalDomain(node.domain) === '';

export function stripZipMap(source: ModelProto): StrippedModel {
  const ends = (graph: GraphProto) => graph.node.filter((node) => (isZipMap(node) || isSequence(node)) && graph.output.some((output) => output.name === node.output[0]));
  if (!source.graph || ends(source.graph).length === 0) return { model: source, labels: classifierLabels(source), changes: [] };
  const model = copyMessage(source);
  if (!model.graph) return { model: source, labels: null, changes: [] };
  const view = viewGraph(model.graph);
  const types = inferTypes(model);
  const typed = (name: string, as: string) => { const type = types.typeOf(name); return valueInfo(as, type?.elemType || 1, type?.shape ?? null); };
  const changes: string[] = [];
  let labels: string[] | null = null;
  for (const node of ends(model.graph)) {
    const output = node.output[0] ?? '';
    const name = view.nameOf(node);
    if (view.consumersOf(output).length > 0) continue; // something else reads the sequence: not an end
    const at = model.graph.output.findIndex((one) => one.name === output);
    if (isZipMap(node)) {
      const classes = classLabelsOf(node);
      if (labels === null && classes.length > 0) labels = classes;
      view.removeNode(node);
      const exposed = exposeAs(view, node.input[0] ?? '', output);
      model.graph.output.splice(at, 1, ...(exposed === null ? [] : [typed(node.input[0] ?? '', exposed)]));
      changes.push(`Took off the ZipMap "${name}": the output "${exposed ?? node.input[0]}" is now a table of scores, one column for each class${classes.length > 0 ? `, and the ${classes.length} class names are kept as labels` : ''}.`);
    } else {
      view.removeNode(node);
      const parts = node.input.map((input, i) => ({ input, exposed: exposeAs(view, input, view.uniqueName(`${output}_${i}`)) }));
      model.graph.output.splice(at, 1, ...parts.flatMap(({ input, exposed }) => (exposed === null ? [] : [typed(input, exposed)])));
      changes.push(`Took off the sequence "${output}": its ${parts.length} tensors are now outputs of their own.`);
    }
    view.refresh();
  }
  if (changes.length === 0) return { model: source, labels: classifierLabels(source), changes };
  model.graph.valueInfo = model.graph.valueInfo.filter((info) => !model.graph?.output.some((output) => output.name === info.name));
  return { model, labels: labels ?? classifierLabels(source), changes };
}

/** Gives the value the output's name; a value that is an input, a constant or an output already keeps its own. Null: it is an output already. */
function exposeAs(view: GraphView, value: string, name: string): string | null {
  if (view.isOutput(value)) return null;
  if (!view.producerOf(value)) return value;
  view.renameValue(value, name);
  return name;
}

/** A classifier without ZipMap names its classes, too. */
function classifierLabels(model: ModelProto): string[] | null {
  for (const node of model.graph?.node ?? []) {
    if (canonicalDomain(node.domain) !== 'ai.onnx.ml' || !node.opType.endsWith('Classifier')) continue;
    const labels = classLabelsOf(node);
    if (labels.length > 0) return labels;
  }
  return null;
}
