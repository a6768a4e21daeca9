// Files are whole or absent, never overwritten unasked, and errors say what, why and what to try.
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { translateFileError } from './translateFileError.ts';
import { openAtomicTarget, writeFileAtomic } from './writeFileAtomic.ts';

let root = '';
beforeAll(async () => { root = await mkdtemp(join(tmpdir(), 'millwright-files-')); });
afterAll(() => rm(root, { recursive: true, force: true }));

it('writes into a folder that does not exist yet', async () => {
  await writeFileAtomic(join(root, 'a/b/c.txt'), 'text');
  expect(await readFile(join(root, 'a/b/c.txt'), 'utf8')).toBe('text');
  expect(await readdir(join(root, 'a/b'))).toEqual(['c.txt']);
});
it('does not overwrite without force, and leaves no trace of the try', async () => {
  const path = join(root, 'kept.txt');
  await writeFileAtomic(path, 'first');
  await expect(writeFileAtomic(path, 'second')).rejects.toMatchObject({ code: 'ALREADY_EXISTS', hint: expect.stringContaining('--force') });
  expect(await readFile(path, 'utf8')).toBe('first');
  await writeFileAtomic(path, 'third', { force: true });
  expect(await readFile(path, 'utf8')).toBe('third');
  expect((await readdir(root)).filter((name) => name.startsWith('.mw'))).toEqual([]);
});
it('lets only one of many writers have a new name', async () => {
  const path = join(root, 'race.txt');
  const results = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => writeFileAtomic(path, `writer ${n}`)));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await readFile(path, 'utf8')).toMatch(/^writer \d+$/);
});
it('refuses a dangling link as it would a file', async () => {
  await symlink(join(root, 'nowhere'), join(root, 'link'));
  await expect(writeFileAtomic(join(root, 'link'), 'x')).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
});
it('removes the temporary file when the writer gives up', async () => {
  const target = await openAtomicTarget(join(root, 'given-up.bin'));
  await writeFile(target.tempPath, 'half');
  await target.discard();
  expect((await readdir(root)).filter((name) => name.startsWith('.mw') || name.startsWith('given'))).toEqual([]);
});
it('says that a folder where a file is needed is none', async () => {
  await mkdir(join(root, 'folder'));
  await expect(writeFileAtomic(join(root, 'folder'), 'x', { force: true })).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('folder') });
  await writeFile(join(root, 'file'), 'x');
  await expect(writeFileAtomic(join(root, 'file/below'), 'x')).rejects.toMatchObject({ code: expect.stringMatching(/BAD_INPUT|ALREADY_EXISTS/) });
});
it('names a folder that may not be written', async () => {
  await mkdir(join(root, 'locked'));
  await chmod(root, 0o755);
  await chmod(join(root, 'locked'), 0o555);
  // Root may write anywhere: it becomes nobody for this one attempt.
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid?.(65534);
  try {
    await expect(writeFileAtomic(join(root, 'locked/x'), 'x')).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
});
it('gives every system error a code, a reason and a hint', () => {
  const codes = ['ENOENT', 'EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EISDIR', 'EMFILE', 'EADDRINUSE'].map((code) => {
    const { code: ours, message, hint } = translateFileError(Object.assign(new Error(code), { code }), '/data/x', 'write');
    expect(message).toMatch(/^\/data\/x cannot be written: [a-z].*\.$/);
    expect(hint).not.toBe('');
    return ours;
  });
  expect(codes).toEqual(['NOT_FOUND', 'PERMISSION_DENIED', 'PERMISSION_DENIED', 'PERMISSION_DENIED', 'DISK_FULL', 'DISK_FULL', 'BAD_INPUT', 'BUSY', 'PORT_TAKEN']);
});
