// What a person is told of each engine's container.
import { expect, it } from 'vitest';
import type { EngineRequest } from './EnginePlan.ts';
import { containerNotes } from './containerNotes.ts';
import { planEngine, type OtherEngineId } from './planEngine.ts';

const notesOf = (engine: OtherEngineId, format: EngineRequest['format'], { imageUser = 'someone', gpu = false } = {}) => {
  const plan = planEngine(engine, { name: 'lot', version: 1, format, inputs: [{ name: 'x', type: 'float32', shape: [1] }], outputs: [], threads: 1, batching: null, gpu });
  return new Map(containerNotes(engine, plan, { model: 'lot', imageUser }).map((note) => [note.id, note]));
};

it('warns of root, with a remedy, only where nothing else is named', () => {
  expect(notesOf('ovms', 'onnx', { imageUser: '' }).get('ENGINE_RUNS_AS_ROOT')).toMatchObject({ severity: 'warning', remedy: expect.any(String) as string });
  expect(notesOf('ovms', 'onnx', { imageUser: 'ovms' }).get('ENGINE_USER')?.message).toContain('user ovms');
  expect([...notesOf('tf-serving', 'savedmodel', { imageUser: '' }).keys()].filter((id) => id === 'ENGINE_USER' || id === 'ENGINE_RUNS_AS_ROOT')).toEqual([]);
  expect([...notesOf('triton', 'onnx', { imageUser: '' }).keys()]).not.toContain('ENGINE_RUNS_AS_ROOT');
});

it('says which protocol clients have to speak, where it is not the usual one', () => {
  expect(notesOf('torchserve', 'mar').get('ENGINE_OWN_PROTOCOL')?.message).toContain('/predictions/lot');
  expect(notesOf('tf-serving', 'savedmodel').get('ENGINE_OWN_PROTOCOL')?.message).toContain('/v1/models/lot:predict');
  expect([...notesOf('mlserver', 'onnx').keys()]).not.toContain('ENGINE_OWN_PROTOCOL');
});

it('names every folder that can be written, and shared memory for GPUs', () => {
  expect(notesOf('torchserve', 'mar').get('ENGINE_SCRATCH')?.message).toContain('/tmp, /home/model-server/tmp, /home/model-server/logs');
  expect(notesOf('triton', 'onnx', { gpu: true }).get('ENGINE_SHARED_MEMORY')?.message).toContain('1024 MiB');
});
