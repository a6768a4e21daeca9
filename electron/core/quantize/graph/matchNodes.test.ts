// Nodes as users name them: exactly, by type, by pattern; what matches nothing is told.
import { expect, it } from 'vitest';
import { node, tinyModel } from '#test/fakes/tinyModel';
import { matchNodes } from './matchNodes.ts';

const model = tinyModel({ inputs: { x: [1] }, outputs: { y: [1] }, nodes: [node('Relu', ['x'], ['a'], {}, 'block.1/act'), node('Sigmoid', ['a'], ['b'], {}, 'block.2/act'), node('Relu', ['b'], ['y'], {}, 'head')] });

it.each([
  [['head'], ['head'], []], [['type:Relu'], ['block.1/act', 'head'], []], [['block.*/act'], ['block.1/act', 'block.2/act'], []],
  [['blockx1/act', 'type:Conv', 'head'], ['head'], ['blockx1/act', 'type:Conv']],
] as const)('%j', (wanted, nodes, unmatched) => { expect(matchNodes(model, wanted)).toEqual({ nodes, unmatched }); });
