import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTarHeader, tarBlock, tarEnd, tarHeader, tarPadding, tarSize, type TarEntry } from './tarHeader.ts';

const part = fc.stringMatching(/^[A-Za-z0-9._-]{1,40}$/).filter((text) => !/^\.+$/.test(text));
const path = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'));
const hasTar = (() => { try { execFileSync('tar', ['--version']); return true; } catch { return false; } })();

describe('tarHeader', () => {
  it('reads back what it wrote, for every path that fits', () => {
    fc.assert(fc.property(path, fc.nat(2 ** 33 - 1), (name, sizeBytes) => {
      const entry: TarEntry = { path: name, kind: 'file', sizeBytes, mode: 0o644 };
      expect(readTarHeader(tarHeader(entry))).toEqual({ path: name, sizeBytes, kind: 'file' });
    }));
  });
  it('refuses what the format cannot hold, instead of writing it wrong', () => {
    const entry: TarEntry = { path: 'model.onnx', kind: 'file', sizeBytes: 0, mode: 0o644 };
    expect(() => tarHeader({ ...entry, path: 'x'.repeat(101) })).toThrow(/too long/);
    expect(() => tarHeader({ ...entry, sizeBytes: 2 ** 33 })).toThrow(/8 GiB/);
  });
  it('sees that a block is no header', () => {
    const block = tarHeader({ path: 'a', kind: 'file', sizeBytes: 1, mode: 0o644 });
    block[0] = (block[0] ?? 0) ^ 1;
    expect(readTarHeader(block)).toBeNull();
    expect(readTarHeader(new Uint8Array(10))).toBeNull();
  });
  it.skipIf(!hasTar)('is what tar itself lists', () => {
    const entries: TarEntry[] = [{ path: 'models/', kind: 'folder', sizeBytes: 0, mode: 0o755 }, { path: `models/${'long-folder/'.repeat(10)}model.onnx`, kind: 'file', sizeBytes: 3, mode: 0o444, uid: 65_532 }];
    const archive = Buffer.concat([...entries.flatMap((entry) => [tarHeader(entry), new Uint8Array(entry.sizeBytes), new Uint8Array(tarPadding(entry.sizeBytes))]), tarEnd()]);
    expect([archive.length, archive.length % tarBlock]).toEqual([tarSize(entries), 0]);
    const listed = execFileSync('tar', ['--utc', '--full-time', '--numeric-owner', '-tvf', '-'], { input: archive }).toString().trim().split('\n');
    expect(listed.map((line) => line.replace(/\s+/g, ' '))).toEqual([
      'drwxr-xr-x 0/0 0 1970-01-01 00:00:00 models/', `-r--r--r-- 65532/65532 3 1970-01-01 00:00:00 models/${'long-folder/'.repeat(10)}model.onnx`,
    ]);
  });
});
