// The version of a model: stated at the import or later, with its place in the audit trail; what is made from a model has it too.
import { resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTestHost, type TestHost } from '#test/fakes/testHost';
import { testWorkers } from '#test/fakes/testWorkers';
import { setModelVersion } from './changeModel.ts';
import { importModel } from './importModel.ts';

let test: TestHost;
beforeEach(async () => { test = openTestHost({ workers: await testWorkers() }); });
afterEach(() => test.close());
const context = { signal: new AbortController().signal, progress: () => undefined, log: () => undefined };
const take = (path: string, more: Partial<Parameters<typeof importModel>[1]> = {}) => importModel(test.host.services, { path: resolve(path), ...more }, context);
const newest = () => test.host.services.store.audit.list(1).entries[0];

it('is not stated until somebody states it, and each change stands in the audit trail with old, new and reason', async () => {
  const record = await take('resources/sample/lot-code-reader.onnx');
  expect(record.version).toBeNull();
  expect((await take('resources/sample/lot-code-reader.onnx', { version: '3.2' })).version).toBe('3.2');
  expect(newest()).toMatchObject({ action: 'model.changed', detail: { old: { version: null }, new: { version: '3.2' } } });
  expect(setModelVersion(test.host.services, { id: record.id, version: '3.3', reason: 'The maker counts it so.' }).version).toBe('3.3');
  expect(newest()).toMatchObject({ action: 'model.changed', detail: { modelId: record.id, old: { version: '3.2' }, new: { version: '3.3' }, reason: 'The maker counts it so.' } });
  const before = newest()?.seq;
  setModelVersion(test.host.services, { id: record.id, version: '3.3' });
  expect(newest()?.seq).toBe(before);
  expect(setModelVersion(test.host.services, { id: record.id, version: null }).version).toBeNull();
  expect(() => setModelVersion(test.host.services, { id: 'm-none', version: '1' })).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
});

it('goes on to what is made from the model, with the recipe behind it', async () => {
  const parent = await take('resources/sample/lot-code-reader.onnx', { version: '3.2' });
  const child = await take('test/fixtures/models/external.onnx', { derivedFrom: { modelId: parent.id, sha256: parent.summary.sha256, recipe: 'static-int8' } });
  expect(child.version).toBe('3.2+static-int8');
});
