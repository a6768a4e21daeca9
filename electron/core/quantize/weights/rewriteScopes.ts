// The common frame of the recipes that need no data: walks every graph, finds the constant weight of a node, and collects what replaces it.
import { AppError, isAppError } from '#shared/errors';
import { freshNames } from '../../onnx/graph/freshNames.ts';
import { sortNodes } from '../../onnx/graph/sortNodes.ts';
import type { ModelProto, NodeProto, TensorProto } from '../../onnx/schema/onnx_pb.ts';
import { cloneModel } from '../graph/cloneModel.ts';
import { isFloatType } from '../graph/protos.ts';
import { fusedReason } from '../static/operatorRules.ts';
import { initializerOf, nodeLabel, walkScopes, type Scope } from '../static/walkScopes.ts';
import { dropUnusedInitializers } from '../static/writeStatic.ts';

export interface RewriteResult {
  readonly model: ModelProto;
  readonly quantized: readonly { readonly node: string; readonly operator: string; readonly outputs: readonly string[]; readonly scope: string }[];
  readonly kept: readonly { readonly node: string; readonly reason: string }[];
}

export interface Rewriter {
  readonly scope: Scope;
  /** A constant float tensor of this graph or one around it; null for an activation. */
  weightOf(name: string | undefined): TensorProto | null;
  /** A name that no value of the model has. */
  fresh(name: string): string;
  add(tensor: TensorProto): string;
  emit(node: NodeProto): void;
}

/** Where weights come from and go to, for models that do not fit in memory: both hold one tensor at a time. */
export interface TensorStorage { readonly load: (tensor: TensorProto) => TensorProto; readonly store: (tensor: TensorProto) => TensorProto }

/** What became of a node: replaced by what was emitted, kept for a reason worth telling, or not of interest. */
export type Outcome = 'replaced' | { readonly kept: string } | null;

/**
 * Works on a copy; node order stays valid. A node in `keep` is left alone with its reason.
 * @param visit emits the replacement of a node, or answers why it stays
 */
export function rewriteScopes(source: ModelProto, keep: ReadonlyMap<string, string>, visit: (node: NodeProto, rewriter: Rewriter) => Outcome, storage: TensorStorage = { load: (tensor) => tensor, store: (tensor) => tensor }): RewriteResult {
  const model = cloneModel(source);
  const quantized: { node: string; operator: string; outputs: readonly string[]; scope: string }[] = [];
  const kept: { node: string; reason: string }[] = [];
  // One set for all graphs: a name that is new in the main graph may be one of a nested graph, where it would be defined twice.
  const scopes = walkScopes(model);
  const fresh = freshNames(scopes.flatMap(({ types, graph }) => [...types.keys(), ...graph.initializer.map(({ name }) => name), ...graph.node.flatMap((n) => [...n.input, ...n.output])]));
  for (const scope of scopes) {
    const { graph } = scope;
    const nodes: NodeProto[] = [];
    // Of operators that share a weight each would name a node after it.
    const freshNode = freshNames(graph.node.map(({ name }) => name));
    const own = new Set<string>();
    const rewriter: Rewriter = {
      scope,
      weightOf: (name) => {
        const found = name ? initializerOf(scope, name) : null;
        return found && isFloatType(found.tensor.dataType) ? storage.load(found.tensor) : null;
      },
      fresh,
      add: (tensor) => { graph.initializer.push(storage.store(tensor)); return tensor.name; },
      emit: (node) => {
        if (!own.delete(node.name)) node.name = freshNode(node.name);
        nodes.push(node);
      },
    };
    for (const node of graph.node) {
      const label = nodeLabel(scope, node);
      const reason = keep.get(label);
      const before = nodes.length;
      own.clear();
      own.add(node.name);
      const outcome = reason === undefined ? named(label, () => visit(node, rewriter)) : { kept: reason };
      if (outcome === 'replaced') { quantized.push({ node: label, operator: node.opType, outputs: node.output.filter(Boolean), scope: scope.path }); continue; }
      nodes.length = before;
      nodes.push(node);
      const why = outcome?.kept ?? fusedReason(node);
      if (why !== null) kept.push({ node: label, reason: why });
    }
    graph.node = nodes;
    graph.node = [...sortNodes(graph).order];
    graph.valueInfo = [];
  }
  dropUnusedInitializers(model.graph!);
  return { model, quantized, kept };
}

/** What cannot be quantized is known to the numbers alone; here it gets the name of its node. */
function named<T>(label: string, step: () => T): T {
  try { return step(); } catch (error) {
    if (!isAppError(error) || error.code !== 'BAD_INPUT') throw error;
    throw new AppError('BAD_MODEL', `A weight of the node "${label}" holds values that are not finite (NaN or infinity).`, { cause: error, hint: 'Export the model again from sound weights.' });
  }
}
