// Arrays as numpy writes them (goldens of test/golden/datasets/make_arrays.py): every type and order; and what is damaged or would run code is refused.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TensorData } from '#shared/tensor';
import { memorySource, openNpy } from './npyFile.ts';
import { openNpz } from './npzFile.ts';

interface Golden {
  readonly arrays: readonly { readonly name: string; readonly file: string; readonly shape: readonly number[]; readonly rows: readonly (readonly (number | string)[])[] }[];
  readonly refused: readonly { readonly name: string; readonly file: string }[];
  readonly npz: Readonly<Record<'stored' | 'deflated', string>>;
}
const golden = JSON.parse(readFileSync('test/golden/datasets/arrays.json', 'utf8')) as Golden; // written by the script beside it
const bytesOf = (file: string) => new Uint8Array(Buffer.from(file, 'base64'));
/** As the golden has them: integers of 64 bits as text. */
const plain = (data: TensorData): (number | string)[] => Array.from(data as ArrayLike<number | bigint | string>, (value) => (typeof value === 'bigint' ? String(value) : value));

describe('.npy', () => {
  it.each(golden.arrays)('$name', async ({ file, shape, rows }) => {
    const array = await openNpy(memorySource(bytesOf(file), 'x.npy'));
    expect(array.shape).toEqual(shape);
    for (const [index, row] of rows.entries()) {
      const { data, dims } = await array.row(index);
      expect(plain(data)).toEqual(row);
      expect(dims).toEqual(shape.slice(1));
    }
    // In any order, and twice: a row that was read must not have changed what lies in memory.
    expect(plain((await array.row(0)).data)).toEqual(rows[0]);
    await expect(array.row(rows.length)).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  it.each([['objects', /runs code/], ['structured', /structured array/], ['single value', /first axis must be the sample/], ['complex', /has the type c8/]] as const)('refuses %s in one sentence', async (name, message) => {
    const file = golden.refused.find((each) => each.name === name)?.file ?? '';
    await expect(openNpy(memorySource(bytesOf(file), 'x.npy'))).rejects.toMatchObject({ code: 'BAD_DATA', message: expect.stringMatching(message) });
  });

  it('refuses what is cut at any byte, and a header that lies', async () => {
    const whole = bytesOf(golden.arrays.find(({ name }) => name === '<f4')?.file ?? '');
    for (const length of [0, 5, 11, 12, 60, 127, 128, whole.length - 1]) await expect(openNpy(memorySource(whole.slice(0, length), 'x.npy')), String(length)).rejects.toMatchObject({ code: 'BAD_DATA' });
    const told = (from: string, to: string) => memorySource(new Uint8Array(Buffer.from(Buffer.from(whole).toString('latin1').replace(from, to), 'latin1')), 'x.npy');
    await expect(openNpy(told('(4, 2, 3)', '(9, 2, 3)'))).rejects.toMatchObject({ message: expect.stringContaining('its header promises 9 samples') });
    await expect(openNpy(told('(4, 2, 3)', '(4,-2, 3)'))).rejects.toMatchObject({ message: 'x.npy has a damaged .npy header.' });
    await expect(openNpy(told("'<f4'", "'<f3'"))).rejects.toMatchObject({ message: 'x.npy has the type f3, which is not read here.' });
    await expect(openNpy(told('NUMPY', 'NUMPI'))).rejects.toMatchObject({ message: 'x.npy is not a .npy array.' });
  });
});

describe('.npz', () => {
  let dir: string;
  beforeEach(() => { dir = mkdtempSync(join(tmpdir(), 'millwright-npz-test-')); });
  afterEach(() => { rmSync(dir, { recursive: true, force: true }); });
  const write = (bytes: Uint8Array) => { const path = join(dir, 'data.npz'); writeFileSync(path, bytes); return path; };

  it.each(['stored', 'deflated'] as const)('%s members', async (kind) => {
    const { arrays, close } = await openNpz(write(bytesOf(golden.npz[kind])), 'data.npz');
    expect([...arrays].map(([name, array]) => [name, array.type, array.shape])).toEqual([['inputs', 'float32', [4, 2, 3]], ['labels', 'int64', [4]]]);
    expect(plain((await arrays.get('inputs')!.row(3)).data)).toEqual([18, 19, 20, 21, 22, 23]);
    await close();
  });

  it.each(['stored', 'deflated'] as const)('%s: cut, with a flipped byte or as no zip it ends in BAD_DATA or in the right values, never otherwise', async (kind) => {
    const whole = bytesOf(golden.npz[kind]);
    for (let at = 0; at < whole.length; at += 3) {
      for (const bytes of [whole.slice(0, at), whole.map((byte, place) => (place === at ? byte ^ 0x55 : byte))]) {
        try {
          const { arrays, close } = await openNpz(write(bytes), 'data.npz');
          for (const array of arrays.values()) if ((array.shape[0] ?? 0) > 0) await array.row(0);
          await close();
        } catch (error) { expect(error, `byte ${at}`).toMatchObject({ code: 'BAD_DATA', message: expect.stringMatching(/^data\.npz/) }); }
      }
    }
  }, 60_000);

  it('refuses two members of one name', async () => {
    const text = Buffer.from(golden.npz.stored, 'base64').toString('latin1').replaceAll('labels.npy', 'inputs.npy');
    await expect(openNpz(write(new Uint8Array(Buffer.from(text, 'latin1'))), 'data.npz')).rejects.toMatchObject({ message: 'data.npz holds "inputs.npy" twice.' });
  });
});
