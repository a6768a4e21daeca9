// Einsum with a constant weight as MatMul, which integers can compute: projections of transformers from frameworks that write them as equations.
import { makeNode, stringAttribute } from '../../onnx/graph/attributes.ts';
import { freshNames } from '../../onnx/graph/freshNames.ts';
import type { ModelProto, NodeProto, TensorProto } from '../../onnx/schema/onnx_pb.ts';
import { initializerOf, walkScopes, type Scope } from '../static/walkScopes.ts';
import { dropUnusedInitializers } from '../static/writeStatic.ts';
import { dataTypes, dimsOf, floatsOf, isDefaultDomain, tensorOver } from './protos.ts';

/** Labels of a product: of the activation those that stay and those that are summed over, of the weight those that are summed over and those that stay. */
interface Product { readonly kept: string; readonly summed: string; readonly weight: string; readonly free: string; readonly output: string }

/**
 * @param weightAt which operand is the weight
 * @returns null where the equation is no product of matrices: a label shared by all three, a sum over one operand alone, a diagonal, or sums that are not over the activation's last labels
 * Source: Einsum, opset 12
 */
export function productOf(equation: string, weightAt: 0 | 1): Product | null {
  const match = /^([a-zA-Z]+),([a-zA-Z]+)->([a-zA-Z]+)$/u.exec(equation.replaceAll(' ', ''));
  if (!match) return null;
  const [, first = '', second = '', output = ''] = match;
  const [activation, weight] = weightAt === 1 ? [first, second] : [second, first];
  if ([activation, weight, output].some((labels) => new Set(labels).size !== labels.length)) return null;
  const summed = [...activation].filter((label) => weight.includes(label)).join('');
  const free = [...weight].filter((label) => !summed.includes(label)).join('');
  if (summed === '' || free === '' || !activation.endsWith(summed)) return null;
  const kept = activation.slice(0, activation.length - summed.length);
  if ([...summed].some((label) => output.includes(label)) || [...output].sort().join('') !== [...kept + free].sort().join('')) return null;
  return { kept, summed, weight, free, output };
}

/** The weight as a matrix [summed, free]: its values in the order of these labels. */
function matrixOf(tensor: TensorProto, { summed, weight, free }: Product, name: string): TensorProto {
  const dims = dimsOf(tensor), values = floatsOf(tensor);
  const strides = dims.map((_, i) => dims.slice(i + 1).reduce((a, b) => a * b, 1));
  const axes = [...summed, ...free].map((label) => weight.indexOf(label));
  const sizes = axes.map((axis) => dims[axis]!), steps = axes.map((axis) => strides[axis]!);
  const result = new Float32Array(values.length);
  const at = axes.map(() => 0);
  for (let i = 0, from = 0; i < result.length; i++) {
    result[i] = values[from]!;
    for (let axis = at.length - 1; axis >= 0; axis--) {
      from += steps[axis]!;
      if (++at[axis]! < sizes[axis]!) break;
      from -= steps[axis]! * sizes[axis]!;
      at[axis] = 0;
    }
  }
  const columns = sizes.slice(summed.length).reduce((a, b) => a * b, 1);
  return tensorOver(name, dataTypes.float, [result.length / columns, columns], result);
}

/** Changes the model. @returns how many nodes were replaced */
export function einsumToMatMul(model: ModelProto): number {
  let replaced = 0;
  for (const scope of walkScopes(model)) {
    const fresh = freshNames([...scope.types.keys(), ...scope.graph.node.flatMap((node) => [...node.input, ...node.output])]);
    scope.graph.node = scope.graph.node.flatMap((node) => {
      const nodes = isDefaultDomain(node) && node.opType === 'Einsum' ? asProduct(node, scope, fresh) : null;
      if (nodes) replaced++;
      return nodes ?? [node];
    });
  }
  if (replaced > 0) dropUnusedInitializers(model.graph!);
  return replaced;
}

function asProduct(node: NodeProto, scope: Scope, fresh: (name: string) => string): NodeProto[] | null {
  if (node.input.length !== 2) return null;
  const tensors = node.input.map((name) => initializerOf(scope, name)?.tensor ?? null);
  const weightAt = tensors[1] ? 1 : 0;
  const tensor = tensors[weightAt];
  const product = productOf(stringAttribute(node, 'equation', ''), weightAt);
  const activation = node.input[1 - weightAt]!;
  if (!tensor || tensors[1 - weightAt] || !product || tensor.dataType !== dataTypes.float || tensor.dims.length !== product.weight.length || scope.types.get(activation) !== dataTypes.float) return null;
  const { kept, summed, free, output } = product;
  const dims = dimsOf(tensor);
  const matrix = matrixOf(tensor, product, fresh(`${tensor.name}_matrix`));
  scope.graph.initializer.push(matrix);
  const steps: ((from: string, to: string) => NodeProto)[] = [];
  const reshape = (name: string, shape: readonly number[]) => {
    const constant = tensorOver(fresh(`${node.name}_${name}_shape`), dataTypes.int64, [shape.length], BigInt64Array.from(shape, BigInt));
    scope.graph.initializer.push(constant);
    steps.push((from, to) => makeNode('Reshape', [from, constant.name], [to], { name: fresh(`${node.name}_${name}`) }));
  };
  const same = [...kept].map(() => 0); // Reshape copies these sizes
  if (summed.length > 1) reshape('rows', [...same, -1]);
  steps.push((from, to) => makeNode('MatMul', [from, matrix.name], [to], { name: node.name }));
  if (free.length > 1) reshape('columns', [...same, ...[...free].map((label) => dims[product.weight.indexOf(label)]!)]);
  const natural = kept + free;
  if (natural !== output) steps.push((from, to) => makeNode('Transpose', [from], [to], { name: fresh(`${node.name}_order`), attributes: { perm: { ints: [...output].map((label) => natural.indexOf(label)) } } }));
  const names = [activation, ...steps.slice(1).map((_, i) => fresh(`${node.name}_${i + 1}`)), node.output[0]!];
  return steps.map((step, i) => step(names[i]!, names[i + 1]!));
}
