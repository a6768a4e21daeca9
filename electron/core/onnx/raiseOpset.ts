// Raises a model to a newer opset of ai.onnx without changing what it computes; what cannot be raised safely is refused by name.
import type { Finding } from '#shared/finding';
import { copyMessage } from './copyModel.ts';
import { canonicalDomain, opsetOf, setOpset } from './graph/opsets.ts';
import { viewGraph } from './GraphView.ts';
import { inferTypes } from './inferTypes.ts';
import { Refusal } from './opset/Adapter.ts';
import { adapters } from './opset/adapters.ts';
import { irVersionFor } from './opset/irVersions.ts';
import type { ModelProto } from './schema/onnx_pb.ts';

/** The span that the adapters cover: the runtime reads no opset below 7. */
export const raisableOpsets = { from: 7, to: 21 } as const;

export interface RaisedModel {
  /** A new model (tensor bytes shared with the old one), or the given one when nothing was to be done or it was refused. */
  readonly model: ModelProto;
  readonly opset: number;
  /** What was rewritten, one sentence each. */
  readonly changes: readonly string[];
  /** Error findings name the nodes that cannot be raised; then `model` is the given one. */
  readonly findings: readonly Finding[];
}

/** `target` above what the adapters cover, and models without an ai.onnx import, are refused by a finding. Aborts with the signal's reason. */
export function raiseOpset(source: ModelProto, target: number, signal?: AbortSignal): RaisedModel {
  const from = opsetOf(source);
  const refused = (findings: readonly Finding[]): RaisedModel => ({ model: source, opset: from ?? 0, changes: [], findings });
  if (from !== null && from >= target) return { model: source, opset: from, changes: [], findings: [] };
  if (from === null || from < raisableOpsets.from || target > raisableOpsets.to) {
    return refused([{ id: 'OPSET_OUT_OF_RANGE', severity: 'error', place: 'model', message: `The model's opset ${from ?? '(none)'} cannot be raised to ${target}: only opsets ${raisableOpsets.from} to ${raisableOpsets.to} can.`, remedy: 'Export the model again with a newer opset.' }]);
  }
  if (source.functions.some((one) => one.opsetImport.some((entry) => canonicalDomain(entry.domain) === ''))) {
    return refused([{ id: 'OPSET_FUNCTIONS', severity: 'error', place: 'model', message: 'The model holds functions of its own that speak the old opset, and they cannot be raised.', remedy: 'Export the model again with a newer opset, or with its functions inlined.' }]);
  }
  const model = copyMessage(source);
  if (!model.graph) return refused([]);
  const changed = new Map<string, number>();
  const findings: Finding[] = [];
  for (let version = from + 1; version <= target; version++) {
    const table = adapters[version] ?? {};
    const types = inferTypes(model, signal); // with the opset that the nodes speak before this step
    const root = viewGraph(model.graph);
    for (const view of root.everyView()) {
      for (const node of [...view.graph.node]) {
        signal?.throwIfAborted();
        const adapter = canonicalDomain(node.domain) === '' && Object.hasOwn(table, node.opType) ? table[node.opType] : undefined;
        if (!adapter) continue;
        const operator = node.opType;
        try {
          adapter({ node, view, types });
          changed.set(operator, (changed.get(operator) ?? 0) + 1);
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          findings.push({ id: 'OPSET_NODE_REFUSED', severity: 'error', place: `${view.place}${view.nameOf(node)}`, message: `The ${operator} node cannot be raised to opset ${version}: ${error.message}.`, remedy: 'Export the model again with a newer opset.' });
        }
      }
    }
    setOpset(model, '', version);
  }
  if (findings.length > 0) return refused(findings);
  const changes = [`Raised the opset from ${from} to ${target}.`, ...[...changed].map(([operator, count]) => `Rewrote ${count} ${operator} node${count === 1 ? '' : 's'} to the newer form.`)];
  const ir = irVersionFor(target);
  if (Number(model.irVersion) < 4) changes.push(...freezeInitializers(model));
  if (Number(model.irVersion) < ir) model.irVersion = BigInt(ir);
  return { model, opset: target, changes, findings };
}

/** Before IR version 4 every initializer was listed as an input, too; left there, a newer runtime takes it for a changeable default. */
function freezeInitializers(model: ModelProto): string[] {
  if (!model.graph) return [];
  const held = new Set(model.graph.initializer.map((tensor) => tensor.name));
  const before = model.graph.input.length;
  model.graph.input = model.graph.input.filter((input) => !held.has(input.name));
  const count = before - model.graph.input.length;
  return count > 0 ? [`Took ${count} weights off the list of inputs, where only old files have them.`] : [];
}
