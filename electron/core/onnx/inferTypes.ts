// Types and shapes of every value of a model: what the file declares, joined with what the operators' rules compute, nested graphs included.
import { AppError } from '#shared/errors';
import { intAttribute, intsAttribute } from './graph/attributes.ts';
import { canonicalDomain, opsetOf } from './graph/opsets.ts';
import { sortNodes } from './graph/sortNodes.ts';
import { subgraphsOf } from './graph/subgraphs.ts';
import { tensorOfConstant } from './GraphView.ts';
import type { KnownInts, RuleContext, RuleResult } from './operators/Rule.ts';
import { ruleOf } from './operators/rules.ts';
import { isExternal } from './tensors/ExternalData.ts';
import { maxRank } from './tensors/elementCount.ts';
import { readTensor } from './tensors/readTensor.ts';
import { joinTypes, mergeTypes, tensorType, typeFromProto, unknownType, type Dim, type ValueType } from './types/ValueType.ts';
import type { GraphProto, ModelProto, NodeProto, TensorProto } from './schema/onnx_pb.ts';

export interface TypeConflict { readonly graph: GraphProto; readonly value: string; readonly message: string }

export interface InferredTypes {
  /** Type of a value as seen from a graph (the model's own by default), scopes around it included; null when nothing is known. */
  typeOf(value: string, graph?: GraphProto): ValueType | null;
  /** Rank, or null. */
  rankOf(value: string, graph?: GraphProto): number | null;
  /** Integers that a value holds whatever the input: constants and shape arithmetic; entries may be symbols. */
  intsOf(value: string, graph?: GraphProto): KnownInts | null;
  /** Nodes whose operator has no rule here. */
  readonly unknownOperators: readonly NodeProto[];
  /** Where the file's own declarations disagree with the operators. */
  readonly conflicts: readonly TypeConflict[];
}

interface Scope {
  readonly graph: GraphProto;
  readonly parent: Scope | null;
  readonly types: Map<string, ValueType>;
  readonly ints: Map<string, KnownInts>;
  readonly constants: Map<string, TensorProto>;
}

const maxKnownElements = 64;

/** Never throws on an unknown operator or odd attributes: what cannot be told is unknown. Nothing in the model is changed. */
export function inferTypes(model: ModelProto, signal?: AbortSignal): InferredTypes {
  const scopes = new Map<GraphProto, Scope>();
  const unknownOperators: NodeProto[] = [];
  const conflicts: TypeConflict[] = [];
  const opsets = new Map<string, number>();
  const opsetFor = (domain: string) => {
    const key = canonicalDomain(domain);
    const known = opsets.get(key) ?? opsetOf(model, key) ?? 1;
    opsets.set(key, known);
    return known;
  };

  function lookUp<T>(scope: Scope | null, pick: (scope: Scope) => T | undefined): T | null {
    for (let at = scope; at; at = at.parent) {
      const found = pick(at);
      if (found !== undefined) return found;
    }
    return null;
  }

  function visit(graph: GraphProto, parent: Scope | null, given: ReadonlyMap<string, ValueType>): Scope {
    const scope: Scope = { graph, parent, types: new Map(), ints: new Map(), constants: new Map() };
    scopes.set(graph, scope);
    const declared = new Map([...graph.valueInfo, ...graph.output].map((info) => [info.name, typeFromProto(info.type)]));
    for (const tensor of graph.initializer) addConstant(scope, tensor.name, tensor);
    for (const sparse of graph.sparseInitializer) if (sparse.values) scope.types.set(sparse.values.name, tensorType(sparse.values.dataType, sparse.dims.length > maxRank ? null : sparse.dims.map(Number)));
    for (const input of graph.input) {
      const type = mergeTypes(typeFromProto(input.type), given.get(input.name)).type;
      if (!scope.constants.has(input.name)) scope.types.set(input.name, type);
    }
    const { order, cyclic } = sortNodes(graph);
    for (const node of [...order, ...cyclic]) {
      signal?.throwIfAborted();
      const result = inferNode(scope, node);
      node.output.forEach((name, i) => {
        if (name === '') return;
        const { type, conflict } = mergeTypes(declared.get(name), result.types[i]);
        if (conflict) conflicts.push({ graph, value: name, message: conflict });
        scope.types.set(name, type);
      });
      const first = node.output[0];
      if (result.ints && first && result.ints.values.length <= maxKnownElements && result.ints.values.some((value) => value !== null)) scope.ints.set(first, result.ints);
    }
    return scope;
  }

  function addConstant(scope: Scope, name: string, tensor: TensorProto): void {
    scope.constants.set(name, tensor);
    scope.types.set(name, tensorType(tensor.dataType, tensor.dims.length > maxRank ? null : tensor.dims.map((dim) => (dim < 0n ? null : Number(dim)))));
    const ints = smallInts(tensor);
    if (ints) scope.ints.set(name, ints);
  }

  function inferNode(scope: Scope, node: NodeProto): RuleResult {
    const domain = canonicalDomain(node.domain);
    if (domain === '' && node.opType === 'Constant') {
      const tensor = tensorOfConstant(node);
      if (tensor) addConstant(scope, tensor.name, tensor);
    }
    const inputs = node.input.map((name) => (name === '' ? null : lookUp(scope, (at) => at.types.get(name))));
    if (domain === '' && subgraphsOf(node).length > 0) return { types: controlFlow(scope, node, inputs) };
    const rule = ruleOf(domain, node.opType);
    if (!rule) {
      unknownOperators.push(node);
      for (const { graph } of subgraphsOf(node)) visit(graph, scope, new Map());
      return { types: [] };
    }
    const context: RuleContext = {
      node, inputs, opset: opsetFor(domain),
      shape: (i) => (inputs[i]?.kind === 'tensor' ? inputs[i].shape : null),
      elem: (i) => (inputs[i]?.kind === 'tensor' ? inputs[i].elemType : 0),
      ints: (i) => { const name = node.input[i]; return name ? lookUp(scope, (at) => at.ints.get(name) ?? (at.types.has(name) ? null : undefined)) : null; },
      floats: (i) => { const name = node.input[i]; const tensor = name ? lookUp(scope, (at) => at.constants.get(name)) : null; return tensor ? smallFloats(tensor) : null; },
      has: (i) => (node.input[i] ?? '') !== '',
    };
    try {
      const answer = rule(context);
      return cleaned('types' in answer ? answer : { types: answer });
    } catch (error) {
      if (error instanceof RangeError || error instanceof TypeError || error instanceof AppError) return { types: [] }; // attributes that make no sense: unknown, the checker names them
      throw error;
    }
  }

  /** If: what both branches give. Loop and Scan: the body's outputs, with the iteration axis where they are stacked. */
  function controlFlow(scope: Scope, node: NodeProto, inputs: readonly (ValueType | null)[]): ValueType[] {
    const inner = subgraphsOf(node).map(({ graph }) => ({ graph, given: givenTo(node, graph, inputs) })).map(({ graph, given }) => ({ graph, scope: visit(graph, scope, given) }));
    const outputs = inner.map(({ graph, scope: at }) => graph.output.map((output) => lookUp(at, (one) => one.types.get(output.name)) ?? typeFromProto(output.type)));
    const [first = [], second] = outputs;
    if (node.opType === 'If') return first.map((type, i) => (second?.[i] ? joinTypes(type, second[i]) : type));
    if (node.opType === 'Loop') {
      const carried = Math.max(0, node.input.length - 2);
      return node.output.map((_, i) => {
        const type = first[i + 1] ?? unknownType; // the body's first output is the condition
        return i < carried ? loosened(type, inputs[i + 2]) : stacked(type, 0);
      });
    }
    if (node.opType === 'Scan') {
      const states = node.input.length - intAttribute(node, 'num_scan_inputs', 0);
      const axes = intsAttribute(node, 'scan_output_axes', []);
      return node.output.map((_, i) => (i < states ? first[i] ?? unknownType : stacked(first[i] ?? unknownType, axes[i - states] ?? 0)));
    }
    return node.output.map(() => unknownType);
  }

  const root = model.graph ? visit(model.graph, null, new Map()) : null;
  const scopeOf = (graph?: GraphProto) => (graph ? scopes.get(graph) ?? null : root);
  const typeOf = (value: string, graph?: GraphProto) => lookUp(scopeOf(graph), (at) => at.types.get(value));
  return {
    typeOf, unknownOperators, conflicts,
    rankOf: (value, graph) => typeOf(value, graph)?.shape?.length ?? null,
    intsOf: (value, graph) => lookUp(scopeOf(graph), (at) => at.ints.get(value) ?? (at.types.has(value) ? null : undefined)),
  };
}

/** Types of a Loop or Scan body's inputs, from the node's inputs. Shapes of carried values may change between rounds, so only the type is given. */
function givenTo(node: NodeProto, body: GraphProto, inputs: readonly (ValueType | null)[]): Map<string, ValueType> {
  const given = new Map<string, ValueType>();
  if (node.opType === 'Loop') {
    body.input.forEach((input, i) => {
      const type = i === 0 ? tensorType(7, []) : i === 1 ? tensorType(9, []) : inputs[i];
      if (type) given.set(input.name, i < 2 ? type : { ...type, shape: null });
    });
  } else if (node.opType === 'Scan') {
    const states = inputs.length - intAttribute(node, 'num_scan_inputs', 0);
    body.input.forEach((input, i) => {
      const type = inputs[i];
      if (type) given.set(input.name, i < states ? { ...type, shape: null } : { ...type, shape: type.shape?.slice(1) ?? null });
    });
  }
  return given;
}

/** A carried value keeps only the dimensions that the first round's input shares. */
function loosened(type: ValueType, initial: ValueType | null | undefined): ValueType {
  if (!initial) return type;
  return type.shape && initial.shape ? joinTypes(type, { ...initial, elemType: type.elemType }) : { ...type, shape: null };
}

function stacked(type: ValueType, axis: number): ValueType {
  if (type.kind !== 'tensor' || !type.shape) return type;
  const at = axis < 0 ? type.shape.length + 1 + axis : axis;
  return { ...type, shape: [...type.shape.slice(0, at), null, ...type.shape.slice(at)] };
}

/** Sizes that are no count, and ranks that no runtime has (both from attributes that make no sense), become unknown. */
function cleaned(result: RuleResult): RuleResult {
  const clean = (dim: Dim): Dim => (typeof dim === 'number' && !(Number.isSafeInteger(dim) && dim >= 0) ? null : dim);
  return { ...result, types: result.types.map((type) => (type.shape ? { ...type, shape: type.shape.length > maxRank ? null : type.shape.map(clean) } : type)) };
}

function smallInts(tensor: TensorProto): KnownInts | null {
  if ((tensor.dataType !== 7 && tensor.dataType !== 6) || tensor.dims.length > 1 || isExternal(tensor) || (tensor.dims[0] ?? 1n) > BigInt(maxKnownElements)) return null;
  const numbers = numbersOf(tensor);
  return numbers ? { scalar: tensor.dims.length === 0, values: numbers } : null;
}

function smallFloats(tensor: TensorProto): number[] | null {
  if ((tensor.dataType !== 1 && tensor.dataType !== 11) || tensor.dims.length > 1 || isExternal(tensor) || (tensor.dims[0] ?? 1n) > BigInt(maxKnownElements)) return null;
  return numbersOf(tensor);
}

function numbersOf(tensor: TensorProto): number[] | null {
  try {
    return Array.from(readTensor(tensor).data, Number);
  } catch {
    return null; // damaged: the checker names it
  }
}
