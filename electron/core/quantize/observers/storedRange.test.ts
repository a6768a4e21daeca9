import { expect, it } from 'vitest';
import { dataTypes, tensorOver } from '../graph/protos.ts';
import { node, tinyModel, weight } from '#test/fakes/tinyModel';
import { tensorsOfNode } from './storedRange.ts';

const model = () => tinyModel({ inputs: { x: [1, 4] }, outputs: { z: [1, 4] }, weights: [weight('s', [], [0.5]), tensorOver('zp', dataTypes.uint8, [], Uint8Array.of(10))], nodes: [node('Relu', ['x'], ['y']), node('QuantizeLinear', ['y', 's', 'zp'], ['q']), node('DequantizeLinear', ['q', 's', 'zp'], ['d']), node('Neg', ['d'], ['z'])] });
const stored = { low: -5, high: 122.5, scale: 0.5, zeroPoint: 10, type: 'uint8' };

it('reads the range of an output that is quantized, and none of an input kept in float', () => expect(tensorsOfNode(model(), 'y').map(({ role, tensor, stored: range }) => [role, tensor, range])).toEqual([['output', 'y', stored], ['input', 'x', null]]));
it('looks through the pair to the float tensor before it', () => expect(tensorsOfNode(model(), 'z').map(({ tensor, stored: range }) => [tensor, range])).toEqual([['z', null], ['y', stored]]));
it('refuses a node that is not there', () => expect(() => tensorsOfNode(model(), 'nowhere')).toThrow(/no node "nowhere"/u));
