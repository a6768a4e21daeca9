import { describe, expect, it } from 'vitest';
import { explainProviders } from './explainProviders.ts';
import { identityOf, fingerprintOf, type IdentityFacts } from './fingerprint.ts';
import { preflight } from './preflight.ts';
import type { PreflightFacts } from './preflightRows.ts';
import { noLimits } from './probes/limits.ts';

const gib = 1024 ** 3;
const gpu = { index: 0, vendor: 'NVIDIA', model: 'RTX A2000', memoryTotalBytes: 6 * gib, memoryUsedBytes: 0, utilisationPercent: 0, temperatureC: 40, driver: '550', source: 'nvidia-smi', identity: 'x' };

/** A station PC on which everything is as it should be. */
const good: PreflightFacts = {
  platform: 'linux', arch: 'x64',
  cpu: { model: 'CPU', vendor: 'Intel', cores: 4, threads: 8, baseGHz: 3, isa: ['AVX2', 'AVX512_VNNI'], cacheBytes: { l1d: 1, l1i: 1, l2: 1, l3: 1 }, virtualised: false },
  isa: { names: ['AVX2', 'AVX512_VNNI'], complete: true }, memory: { totalBytes: 16 * gib, availableBytes: 12 * gib, swapTotalBytes: 0 },
  limits: { ...noLimits, cgroupVersion: 2, openFiles: 65536 }, gpus: [], nvidiaFailure: null, providers: [{ name: 'cpu', available: true, reason: '' }], runtimeFailure: null,
  containers: { engine: 'docker', version: '28.1', available: true, reason: 'Docker 28.1 answers.', socket: 'unix:///var/run/docker.sock' },
  disks: [{ mount: '/', totalBytes: 100 * gib, availableBytes: 50 * gib, fileSystem: 'ext4', holdsData: true }], dataDir: '/data', dataFailure: null, tempExecutable: true,
  clock: { source: 'tsc', synchronised: true, timeZone: 'UTC' }, temperatureC: 45, governors: ['performance'], takenPorts: [], loadPerThread: 0.1,
};
const disk = (availableBytes: number) => good.disks.map((one) => ({ ...one, availableBytes }));

const cases: [string, string, Partial<PreflightFacts>, string][] = [
  ['runtime', 'does not load', { runtimeFailure: 'library missing' }, 'fail'],
  ['data-folder', 'is read-only', { dataFailure: 'EROFS' }, 'fail'],
  ['disk', 'is nearly full', { disks: disk(0.3 * gib) }, 'fail'], ['disk', 'is short', { disks: disk(3 * gib) }, 'warn'], ['disk', 'is not known', { disks: [] }, 'unknown'],
  ['memory', 'is used up', { memory: { ...good.memory, availableBytes: 0.2 * gib } }, 'fail'],
  ['memory', 'is bounded by the container', { limits: { ...good.limits, memoryBytes: gib, memoryUsedBytes: 0.7 * gib } }, 'fail'],
  ['limits', 'set a quota', { limits: { ...good.limits, cpuQuota: 1.5 } }, 'warn'], ['limits', 'throttle', { limits: { ...good.limits, cpuQuota: 2, throttledShare: 0.2 } }, 'warn'], ['limits', 'are not told', { limits: noLimits }, 'unknown'],
  ['container-engine', 'is missing', { containers: { engine: null, version: null, available: false, reason: 'No container engine is running here.', socket: null } }, 'warn'],
  ['gpu', 'hangs', { nvidiaFailure: 'nvidia-smi did not answer within 2 s and was ended.' }, 'warn'], ['gpu', 'has no driver', { gpus: [{ ...gpu, source: 'sysfs', driver: null }] }, 'warn'], ['gpu', 'has no provider', { gpus: [gpu] }, 'warn'],
  ['gpu', 'has a provider', { gpus: [gpu], providers: [{ name: 'cuda', available: true, reason: '' }] }, 'pass'],
  ['open-files', 'are few', { limits: { ...good.limits, openFiles: 1024 } }, 'warn'], ['temp-folder', 'is noexec', { tempExecutable: false }, 'warn'], ['ports', 'are taken', { takenPorts: [8080] }, 'warn'],
  ['cpu-int8', 'is AVX2 alone', { isa: { names: ['AVX2'], complete: true } }, 'warn'], ['cpu-int8', 'is AVX2 on Windows, which does not tell of VNNI', { isa: { names: ['AVX2'], complete: false } }, 'unknown'],
  ['cpu-int8', 'is an old processor', { isa: { names: ['SSE4_2'], complete: true } }, 'warn'], ['cpu-int8', 'is not known', { isa: { names: [], complete: false } }, 'unknown'],
  ['cpu-int8', 'is ARM with dot products', { arch: 'arm64', isa: { names: ['NEON', 'DOTPROD'], complete: true } }, 'pass'], ['cpu-int8', 'is old ARM', { arch: 'arm64', isa: { names: ['NEON'], complete: true } }, 'warn'],
  ['cpu-cores', 'are bounded to one', { limits: { ...good.limits, cpuset: 1 } }, 'warn'], ['clock', 'is not synchronised', { clock: { ...good.clock, synchronised: false } }, 'warn'], ['clock', 'is not known', { clock: { ...good.clock, synchronised: null } }, 'unknown'],
  ['virtualisation', 'is there', { cpu: { ...good.cpu, virtualised: true } }, 'warn'], ['swap', 'is there', { memory: { ...good.memory, swapTotalBytes: gib } }, 'warn'],
  ['governor', 'saves power', { governors: ['powersave'] }, 'warn'], ['governor', 'is not told', { governors: [] }, 'unknown'], ['temperature', 'is high', { temperatureC: 93 }, 'warn'], ['temperature', 'is not readable', { temperatureC: null }, 'unknown'],
  ['load', 'is high', { loadPerThread: 0.9 }, 'warn'], ['load', 'is not kept', { loadPerThread: null }, 'unknown'],
];

describe('preflight', () => {
  it('passes a sound station PC in every row', () => {
    expect(preflight(good).filter(({ status }) => status !== 'pass')).toEqual([]);
  });

  it.each(cases)('%s: %s', (id, _what, change, status) => {
    const rows = preflight({ ...good, ...change });
    const row = rows.find((one) => one.id === id);
    expect(row?.status).toBe(status);
    expect(row?.consequence).not.toBe('');
    if (status === 'warn' || status === 'fail') expect(row?.hint).not.toBe('');
    // One cause does not spill over into other rows.
    expect(rows.filter((one) => one.id !== id && one.status === 'fail')).toEqual([]);
  });

  it('gives the command that lets a user use Docker, when permission is what is missing', () => {
    const rows = preflight({ ...good, containers: { ...good.containers, available: false, reason: 'This user may not use the container engine at /var/run/docker.sock.' } });
    expect(rows.find(({ id }) => id === 'container-engine')?.command).toContain('usermod');
  });
});

describe('explainProviders', () => {
  const backends = [{ name: 'cpu', bundled: true }, { name: 'webgpu', bundled: true }, { name: 'cuda', bundled: false }, { name: 'tensorrt', bundled: false }];
  const reasonOf = (name: string, facts: Partial<Parameters<typeof explainProviders>[0]>) => explainProviders({ platform: 'linux', arch: 'x64', gpus: [], backends, failure: '', ...facts }).find((one) => one.name === name);

  it('says why each one is not available', () => {
    expect(reasonOf('cpu', {})?.available).toBe(true);
    expect(reasonOf('cuda', {})).toEqual({ name: 'cuda', available: false, reason: 'No NVIDIA GPU was found.' });
    expect(reasonOf('cuda', { gpus: [{ vendor: 'NVIDIA', driver: null }] })?.reason).toContain('driver is not loaded');
    expect(reasonOf('cuda', { gpus: [gpu] })?.reason).toContain('libraries are not installed');
    expect(reasonOf('webgpu', {})?.reason).toContain('no GPU was found');
    expect(reasonOf('dml', {})?.reason).toContain('Windows only');
    expect(reasonOf('dml', { platform: 'win32', backends: [...backends, { name: 'dml', bundled: true }], gpus: [{ vendor: 'Intel', driver: '31' }] })?.available).toBe(true);
    expect(reasonOf('coreml', { platform: 'darwin', backends: [{ name: 'coreml', bundled: true }] })?.available).toBe(true);
    expect(reasonOf('cpu', { backends: null, failure: 'it crashed.' })).toEqual({ name: 'cpu', available: false, reason: 'The runtime could not be asked: it crashed.' });
  });
});

describe('fingerprint', () => {
  const facts: IdentityFacts = { os: { platform: 'linux', distro: 'Debian', release: '12', kernel: '6.1', arch: 'x64' }, cpu: { model: 'CPU', cores: 2, threads: 2, isa: ['AVX2', 'FMA'] }, memory: { totalBytes: 16 * gib, availableBytes: 1, swapTotalBytes: 0 }, gpuIdentities: ['a', 'b'], runtime: '1.30.0' };
  const hash = (change: Partial<IdentityFacts>) => fingerprintOf(identityOf({ ...facts, ...change }));

  it('stays the same over order, free memory and a few reserved megabytes', () => {
    expect(hash({ gpuIdentities: ['b', 'a'], cpu: { ...facts.cpu, isa: ['FMA', 'AVX2'] }, memory: { totalBytes: 16 * gib - 200 * 1024 ** 2, availableBytes: 7, swapTotalBytes: 3 } })).toBe(hash({}));
  });
  it('changes with the processor, kernel, driver and runtime', () => {
    const changed = [hash({}), hash({ cpu: { ...facts.cpu, model: 'other' } }), hash({ os: { ...facts.os, kernel: '6.2' } }), hash({ gpuIdentities: ['a', 'b 551'] }), hash({ runtime: '1.31.0' })];
    expect(new Set(changed).size).toBe(5);
  });
});
