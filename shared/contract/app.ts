// The application itself: versions, what changed in the store, and user settings.
import { z } from 'zod';
import { query, stream } from './operation.ts';

export const nouns = ['models', 'datasets', 'stations', 'validations', 'evidence', 'limits', 'jobs', 'machine', 'settings', 'audit', 'benchmarks', 'serving', 'people', 'deviations', 'court', 'agreement', 'calibrations'] as const;
export const settingsSchema = z.object({ site: z.string().max(120), userName: z.string().max(120), theme: z.enum(['system', 'dark', 'light', 'contrast']),
  /** Address of the container engine, and the folder of certificates for it; empty: as Docker's own settings say. */
  engineHost: z.string().max(500).default(''), engineCerts: z.string().max(1000).default('') });
/** What is left out stays; the defaults above must not come in its place. */
function makeSettingsChangeSchema() {
  const { engineHost, engineCerts, ...plain } = settingsSchema.shape;
  return z.object({ ...plain, engineHost: engineHost.unwrap(), engineCerts: engineCerts.unwrap() }).partial();
}
export type Settings = z.infer<typeof settingsSchema>;

export const appOperations = {
  'app.info': query('About', () => z.object({}), () => z.object({ version: z.string(), runtime: z.string(), node: z.string(), platform: z.string(), dataDir: z.string(), shell: z.enum(['electron', 'browser', 'cli', 'test']), onnxruntime: z.string() })),
  'app.settings': query('Settings', () => z.object({}), () => settingsSchema),
  'app.saveSettings': query('Save settings', makeSettingsChangeSchema, () => settingsSchema),
  /** Tells which noun changed, so that a page reads it again. */
  'app.changes': stream('Watch the store', () => z.object({}), () => z.object({ noun: z.enum(nouns), id: z.string().nullable() })),
} as const;
