// A data folder with a real store, and evidence made in it, for the tests of services/evidence.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ValidationReceiptInput } from '#core/report/receipt';
import { makeEvidence, type MakeEvidenceOptions } from '#services/evidence/makeEvidence';
import { strengthForRandom } from '#services/people/passwordHash';
import { openOsStore } from '#services/keystore/openOsStore';
import type { Services } from '#services/Services';
import { openStore, type OpenStore } from '#services/store/openStore';
import { sampleReceipt } from './sampleReceipt.ts';

export interface EvidenceBed {
  readonly dir: string;
  readonly services: Services;
  readonly store: OpenStore;
  /** Milliseconds since the epoch; the tests set it. */
  now: number;
  make(receipt?: ValidationReceiptInput, options?: MakeEvidenceOptions, signal?: AbortSignal): ReturnType<typeof makeEvidence>;
  close(): void;
}

export function openEvidenceBed(): EvidenceBed {
  const dir = mkdtempSync(join(tmpdir(), 'millwright-evidence-'));
  const silent = () => undefined;
  const log = { info: silent, warn: silent, error: silent };
  const bed = { now: Date.parse('2026-11-20T09:05:00.000Z') };
  const clock = () => bed.now;
  const dataDir = join(dir, 'data');
  const store = openStore(dataDir, { clock, log });
  const services: Services = { dataDir, resourcesDir: resolve('resources'), programDir: null, version: '0.1.0', clock, store, log, passwordStrength: strengthForRandom, osStore: openOsStore(() => Promise.reject(new Error('evidence asks no key store')), { forNewKeys: false }), workers: { launch: () => Promise.reject(new Error('evidence starts no worker')) } };
  return Object.assign(bed, {
    dir, services, store,
    make: (receipt: ValidationReceiptInput = sampleReceipt({ samples: 60 }), options: MakeEvidenceOptions = { outputDir: join(dir, 'out') }, signal: AbortSignal = new AbortController().signal) => makeEvidence(services, receipt, options, { signal, progress: silent, log: silent }),
    close() { store.close(); rmSync(dir, { recursive: true, force: true }); },
  });
}
