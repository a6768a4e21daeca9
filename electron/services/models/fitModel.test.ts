// The fit light: by free memory, within the limit of the control group that the process runs in.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { freemem, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { probeContext } from '../machine/ProbeContext.ts';
import { estimateFile, fitVerdict, roomBytes } from './fitModel.ts';

const root = mkdtempSync(join(tmpdir(), 'millwright-fit-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

it('is green well below what is free, amber close to it, red above', () => {
  expect([100, 700, 701, 1000, 1001].map((bytes) => fitVerdict(bytes, 1000))).toEqual(['fits', 'fits', 'tight', 'tight', 'does not fit']);
});
it('counts what is left below the limit of the group, not what the whole machine has', async () => {
  mkdirSync(join(root, 'proc/self'), { recursive: true });
  mkdirSync(join(root, 'sys/fs/cgroup'), { recursive: true });
  writeFileSync(join(root, 'proc/self/mountinfo'), '30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n');
  writeFileSync(join(root, 'proc/self/cgroup'), '0::/\n');
  writeFileSync(join(root, 'sys/fs/cgroup/memory.max'), '64000000\n');
  writeFileSync(join(root, 'sys/fs/cgroup/memory.current'), '14000000\n');
  expect(await roomBytes(probeContext({ root, env: {}, platform: 'linux' }))).toEqual({ freeBytes: 50_000_000, totalBytes: 64_000_000 });
  rmSync(join(root, 'sys/fs/cgroup/memory.max'));
  const whole = await roomBytes(probeContext({ root, env: {}, platform: 'linux' }));
  expect(whole.totalBytes).toBe(totalmem());
  expect(Math.abs(whole.freeBytes - freemem())).toBeLessThan(totalmem() / 2);
});
it('estimates a file on disk, for the batch asked', async () => {
  const path = resolve('resources/sample/lot-code-reader.onnx');
  const [one, many] = [await estimateFile(path, { batch: 1, openSize: 1 }), await estimateFile(path, { batch: 64, openSize: 1 })];
  expect(many.activationBytes).toBe(one.activationBytes * 64);
  await expect(estimateFile(join(root, 'none.onnx'), { batch: 1, openSize: 1 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
