import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openTestHost } from '#test/fakes/testHost';
import { addDataset } from './registerDataset.ts';

const root = mkdtempSync(join(tmpdir(), 'millwright-register-'));
const opened = openTestHost();
afterAll(async () => { await opened.close(); rmSync(root, { recursive: true, force: true }); });
const context = { signal: new AbortController().signal, progress: () => undefined };
const tableOf = (name: string) => {
  const folder = join(root, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'rows.csv'), 'a,label\n1,x\n2,y\n');
  return join(folder, 'rows.csv');
};
const folderOf = (name: string) => {
  const folder = dirname(tableOf(name));
  writeFileSync(join(folder, 'dataset.yaml'), 'path: rows.csv\nlabel_column: label\nname: Bottles, week 12\n');
  return folder;
};

describe('addDataset', () => {
  it('calls a set as who adds it does, else as dataset.yaml does, else as it is called on the disk', async () => {
    expect((await addDataset(opened.host.services, { path: folderOf('one'), purpose: 'test' }, context)).name).toBe('Bottles, week 12');
    expect((await addDataset(opened.host.services, { path: folderOf('two'), name: 'Night shift', purpose: 'test' }, context)).name).toBe('Night shift');
    expect((await addDataset(opened.host.services, { path: tableOf('three'), purpose: 'test' }, context)).name).toBe('rows.csv');
  });
  it('keeps the name that a set has when it is checked again', async () => {
    const path = folderOf('four');
    await addDataset(opened.host.services, { path, name: 'Line 4', purpose: 'calibration' }, context);
    expect((await addDataset(opened.host.services, { path, purpose: 'calibration' }, context)).name).toBe('Line 4');
  });
});
