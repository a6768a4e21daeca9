import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeFolder } from './makeFolder.ts';

const root = mkdtempSync(join(tmpdir(), 'millwright-folder-'));
afterAll(() => { rmSync(root, { recursive: true, force: true }); });

it('makes a folder with all above it, and leaves one that is there', () => {
  const path = join(root, 'a', 'b c', 'd');
  makeFolder(path);
  makeFolder(path);
  expect(statSync(path).isDirectory()).toBe(true);
});

it('takes a link to a folder for the folder', () => {
  mkdirSync(join(root, 'real'));
  symlinkSync(join(root, 'real'), join(root, 'link'));
  makeFolder(join(root, 'link', 'below'));
  expect(statSync(join(root, 'real', 'below')).isDirectory()).toBe(true);
});

it('says that a part of the path is a file', () => {
  writeFileSync(join(root, 'file'), '');
  for (const path of [join(root, 'file'), join(root, 'file', 'below')]) expect(() => { makeFolder(path); }).toThrowError(expect.objectContaining({ code: 'BAD_INPUT', message: expect.stringContaining('is a file, and a folder is needed') }));
});

it.skipIf(process.platform !== 'linux')('gives up where the system takes no folder', () => {
  expect(() => { makeFolder('/proc/millwright/data'); }).toThrowError(expect.objectContaining({ code: 'PERMISSION_DENIED' }));
});
