// The models that are served: loading a new version beside the old, switching over, releasing; and the truth about each one's state.
import { stat } from 'node:fs/promises';
import { AppError, isAppError } from '#shared/errors';
import { createModelEngine, type EngineOptions, type ModelEngine } from '../engine/createModelEngine.ts';
import type { ThreadEntry } from '../engine/startEngineThread.ts';
import { createModelStatistics, type ModelStatistics } from '../metrics/modelStatistics.ts';
import type { Log } from '../log.ts';
import type { ServeOptions } from '../ServeOptions.ts';
import { readModelSettings, type ModelSettings } from './modelSettings.ts';
import type { FoundModel, FoundVersion, ModelSource } from './ModelSource.ts';

export type ModelState = 'LOADING' | 'READY' | 'UNLOADING' | 'UNAVAILABLE';
export interface ModelVersion { readonly name: string; readonly version: string; readonly state: ModelState; readonly reason: string; readonly engine: ModelEngine | null; readonly statistics: ModelStatistics }
export interface IndexEntry { readonly name: string; readonly version: string; readonly state: ModelState; readonly reason: string }

export interface ModelRegistry {
  /** Loads all that the source has. What does not load is UNAVAILABLE with its reason; the others are served. */
  loadAll(): Promise<void>;
  /** @throws NOT_FOUND, or what the runtime said; a version that served before goes on serving then. */
  load(name: string, from?: ModelSource): Promise<void>;
  /** Answers what is in flight first. @throws NOT_FOUND */
  unload(name: string): Promise<void>;
  /** The version asked for, else the highest that is ready. @throws NOT_FOUND, BUSY */
  serving(name: string, version: string | null): ModelVersion & { readonly engine: ModelEngine };
  /** The same without the demand that it be ready. @throws NOT_FOUND */
  find(name: string, version: string | null): ModelVersion;
  has(name: string): boolean;
  versions(): readonly ModelVersion[];
  versionsOf(name: string): readonly ModelVersion[];
  index(): Promise<readonly IndexEntry[]>;
  /** Everything that should serve does. */
  isReady(): boolean;
  close(): Promise<void>;
}

interface Entry { name: string; version: string; state: ModelState; reason: string; engine: ModelEngine | null; statistics: ModelStatistics; fingerprint: string }

export interface RegistryParts { readonly options: ServeOptions; readonly entry: ThreadEntry; readonly log: Log }

function wantedVersions({ versions }: FoundModel, settings: ModelSettings): readonly FoundVersion[] {
  const wanted = settings.versions ?? 'latest';
  if (wanted === 'all') return versions;
  if (wanted === 'latest') return versions.slice(-1);
  return versions.filter(({ version }) => wanted.includes(Number(version)));
}

export function createModelRegistry({ options, entry: threadEntry, log }: RegistryParts): ModelRegistry {
  const models = new Map<string, Map<string, Entry>>();
  const turns = new Map<string, Promise<unknown>>();
  /** What a person took out on purpose does not make the server unready. */
  const retired = new Set<string>();
  const managed = new Set<string>();
  let started = false;

  /** One change at a time for each model. */
  const inTurn = <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const turn = (turns.get(name) ?? Promise.resolve()).then(work, work);
    turns.set(name, turn.catch(() => undefined));
    return turn;
  };

  const engineOptions = (name: string, { version, path }: FoundVersion, settings: ModelSettings): EngineOptions => ({
    name, version, path, settings,
    // the state of a sequence lives in one thread, and belongs to one request at a time
    instances: settings.state ? 1 : settings.instances ?? options.instances, threads: settings.threads ?? options.threads,
    maxBatch: settings.state ? 1 : settings.batching?.maxBatch ?? options.maxBatch, maxDelayMs: settings.batching?.maxDelayMs ?? options.maxDelayMs,
    maxQueue: settings.maxQueue ?? options.maxQueue, warmUp: settings.warmUp ?? options.warmUp, provider: options.provider,
  });

  async function fingerprintOf(path: string, settings: ModelSettings): Promise<string> {
    const file = await stat(path).catch(() => null); // the runtime says what is wrong with it
    return JSON.stringify([file?.size, file?.mtimeMs, file?.ino, settings]);
  }

  async function loadVersion(versions: Map<string, Entry>, name: string, found: FoundVersion, settings: ModelSettings): Promise<void> {
    const before = versions.get(found.version);
    const fingerprint = await fingerprintOf(found.path, settings);
    if (before?.state === 'READY' && before.fingerprint === fingerprint) return;
    const fresh: Entry = { name, version: found.version, state: 'LOADING', reason: '', engine: null, statistics: before?.statistics ?? createModelStatistics(), fingerprint };
    if (before?.state !== 'READY') versions.set(found.version, fresh);
    try {
      fresh.engine = await createModelEngine(engineOptions(name, found, settings), threadEntry, fresh.statistics, (reason) => {
        fresh.state = 'UNAVAILABLE';
        fresh.reason = `its thread ended: ${reason}`;
        log.error('model broke', { model: name, version: found.version, reason });
      });
    } catch (error) {
      fresh.state = 'UNAVAILABLE';
      fresh.reason = isAppError(error) ? error.message : 'it did not load';
      log.error('model did not load', { model: name, version: found.version, reason: fresh.reason });
      throw error;
    }
    fresh.state = 'READY';
    versions.set(found.version, fresh);
    const { loadMs, warmUp, batching, provider } = fresh.engine;
    if (provider.missing !== null) log.error('runs on the processor', { model: name, version: found.version, reason: provider.missing });
    log.info('model is ready', { model: name, version: found.version, loadMs: Math.round(loadMs), provider: provider.used, warmUp, batching: batching.on, ...(batching.reason === '' ? {} : { batchingOffBecause: batching.reason }) });
    if (before?.engine) await release(before);
  }

  async function release(entry: Entry): Promise<void> {
    entry.state = 'UNLOADING';
    const { engine } = entry;
    entry.engine = null;
    await engine?.close();
    entry.state = 'UNAVAILABLE';
    entry.reason = 'unloaded';
    log.info('model is unloaded', { model: entry.name, version: entry.version });
  }

  async function loadFound(found: FoundModel): Promise<void> {
    retired.delete(found.name);
    const versions = models.get(found.name) ?? new Map<string, Entry>();
    models.set(found.name, versions);
    const fail = (error: unknown): never => {
      const version = found.versions.at(-1)?.version ?? '1';
      if (!versions.has(version)) versions.set(version, { name: found.name, version, state: 'UNAVAILABLE', reason: isAppError(error) ? error.message : 'it did not load', engine: null, statistics: createModelStatistics(), fingerprint: '' });
      throw error;
    };
    const settings = await readModelSettings(found.settingsPath).catch(fail);
    if (settings.managed) managed.add(found.name);
    const wanted = wantedVersions(found, settings);
    if (wanted.length === 0) fail(new AppError('NOT_FOUND', `None of the versions that are wanted of model "${found.name}" is there.`));
    for (const version of wanted) await loadVersion(versions, found.name, version, settings);
    for (const old of [...versions.values()]) {
      if (wanted.some(({ version }) => version === old.version)) continue;
      versions.delete(old.version);
      await release(old);
    }
  }

  const refuseManaged = (name: string) => { if (managed.has(name)) throw new AppError('FORBIDDEN', `Model "${name.slice(0, 100)}" is managed by Millwright, not at this address.`); };
  const missing = (name: string) => new AppError('NOT_FOUND', `There is no model "${name.slice(0, 100)}" here${models.size === 0 ? '' : `; there is ${[...models.keys()].slice(0, 5).map((one) => `"${one}"`).join(', ')}`}.`);
  const find = (name: string, version: string | null): Entry => {
    const versions = models.get(name);
    if (!versions || versions.size === 0) throw missing(name);
    if (version !== null) {
      const entry = versions.get(version);
      if (!entry) throw new AppError('NOT_FOUND', `Model "${name}" has no version ${version.slice(0, 40)} here; it has ${[...versions.keys()].join(', ')}.`);
      return entry;
    }
    let best: Entry | null = null;
    for (const entry of versions.values()) {
      if (!best || (entry.state === 'READY' && best.state !== 'READY') || (entry.state === 'READY') === (best.state === 'READY') && BigInt(entry.version) > BigInt(best.version)) best = entry;
    }
    if (!best) throw missing(name);
    return best;
  };

  return {
    async loadAll() {
      for (const found of await options.source.list()) {
        // the runtime's threads have all cores already, and two at once would only need more memory at the same time
        await inTurn(found.name, () => loadFound(found)).catch(() => undefined); // logged, and kept as the reason of its state
      }
      started = true;
    },
    load: (name, from = options.source) => inTurn(name, async () => {
      refuseManaged(name);
      const found = (await from.list()).find((one) => one.name === name);
      if (!found) throw new AppError('NOT_FOUND', `The repository has no model "${name.slice(0, 100)}".`);
      await loadFound(found);
    }),
    unload: (name) => inTurn(name, async () => {
      const versions = models.get(name);
      if (!versions) throw missing(name);
      refuseManaged(name);
      retired.add(name);
      for (const entry of versions.values()) if (entry.engine) await release(entry);
    }),
    find,
    serving(name, version) {
      const entry = find(name, version);
      if (entry.state === 'READY' && entry.engine) return entry as Entry & { engine: ModelEngine }; // just seen to be there
      throw new AppError('BUSY', `Model "${name}" is not ready: ${entry.reason === '' ? `it is ${entry.state.toLowerCase()}` : entry.reason.replace(/\.$/, '')}.`, { hint: 'Try again when /v2/health/ready says 200.' });
    },
    has: (name) => (models.get(name)?.size ?? 0) > 0,
    versions: () => [...models.values()].flatMap((versions) => [...versions.values()]),
    versionsOf: (name) => [...(models.get(name)?.values() ?? [])],
    async index() {
      const found = await options.source.list();
      const known = [...models.values()].flatMap((versions) => [...versions.values()]).map(({ name, version, state, reason }) => ({ name, version, state, reason }));
      const others = found.filter(({ name }) => !models.has(name)).map(({ name, versions }): IndexEntry => ({ name, version: versions.at(-1)?.version ?? '', state: 'UNAVAILABLE', reason: 'not loaded' }));
      return [...known, ...others];
    },
    isReady() {
      if (options.multiModel) return true;
      if (!started) return false;
      const wanted = [...models].filter(([name]) => !retired.has(name));
      return wanted.length > 0 && wanted.every(([, versions]) => [...versions.values()].some(({ state }) => state === 'READY'));
    },
    async close() {
      await Promise.all([...turns.values()]);
      await Promise.all([...models.values()].flatMap((versions) => [...versions.values()]).map(async (entry) => { if (entry.engine) await release(entry); }));
    },
  };
}
