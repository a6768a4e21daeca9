// Static quantization of a whole model: plan every graph, then write; the float model stays as it is.
import { AppError } from '#shared/errors';
import { opsetOf, setOpset } from '../../onnx/graph/opsets.ts';
import type { ModelProto } from '../../onnx/schema/onnx_pb.ts';
import { cloneModel } from '../graph/cloneModel.ts';
import { contribDomain } from '../graph/protos.ts';
import { planScope, tensorsToObserve, type ScopePlan } from './planStatic.ts';
import { rangeKey, type Ranges, type StaticOptions } from './StaticOptions.ts';
import { nodeLabel, walkScopes } from './walkScopes.ts';
import { dropUnusedInitializers, writeStatic, type TensorChoice } from './writeStatic.ts';

export interface StaticPlan {
  readonly model: ModelProto;
  readonly scopes: readonly ScopePlan[];
  /** Keys (rangeKey) of the activations to observe. */
  readonly observe: readonly string[];
  readonly quantized: readonly { readonly node: string; readonly operator: string; readonly outputs: readonly string[]; readonly scope: string }[];
  readonly kept: readonly { readonly node: string; readonly reason: string }[];
}

export interface StaticResult {
  readonly model: ModelProto;
  readonly choices: readonly TensorChoice[];
  /** rangeKey of a float tensor to the tensor that carries it, dequantized, in the result. */
  readonly dequantized: ReadonlyMap<string, string>;
}

/** Plans on a copy of the model; weights are shared with it. Graphs that cannot be observed stay float, and say so. */
export function planStatic(source: ModelProto, options: StaticOptions): StaticPlan {
  const model = cloneModel(source);
  const opset = opsetOf(model) ?? 0;
  const scopes: ScopePlan[] = [];
  const kept: { node: string; reason: string }[] = [];
  for (const scope of walkScopes(model)) {
    if (!scope.observable) { kept.push({ node: scope.path, reason: 'values inside this graph cannot be observed' }); continue; }
    const plan = planScope(scope, options, opset);
    scopes.push(plan);
    kept.push(...plan.kept);
  }
  return {
    model, scopes, kept,
    observe: scopes.flatMap((plan) => tensorsToObserve(plan).map((name) => rangeKey(plan.scope.path, name))),
    quantized: scopes.flatMap((plan) => plan.quantized.map((node) => ({ node: nodeLabel(plan.scope, node), operator: node.opType, outputs: node.output.filter(Boolean), scope: plan.scope.path }))),
  };
}

/**
 * Writes the planned model. The plan is used up.
 * @throws AppError NOTHING_TO_QUANTIZE when no node is quantized
 */
export function writePlanned(plan: StaticPlan, ranges: Ranges, options: StaticOptions): StaticResult {
  if (!plan.quantized.length) throw new AppError('NOTHING_TO_QUANTIZE', 'No node of the model can be quantized with these settings.');
  const opset = opsetOf(plan.model) ?? 0;
  // Below these opsets the standard operators lack 16 bits or channels; the runtime's own have both.
  const domain = (options.activations === 'uint16' && opset < 21) || (options.perChannel && opset < 13) || opset < 10 ? contribDomain : '';
  const choices: TensorChoice[] = [];
  const dequantized = new Map<string, string>();
  for (const scope of plan.scopes) {
    const result = writeStatic(scope, ranges, options, domain);
    choices.push(...result.choices);
    for (const [name, to] of result.dequantized) dequantized.set(rangeKey(scope.scope.path, name), to);
  }
  dropUnusedInitializers(plan.model.graph!);
  if (domain) setOpset(plan.model, domain, 1);
  return { model: plan.model, choices, dequantized };
}
