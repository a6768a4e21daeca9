// How a served model gets its pixels and keeps its state: the preparation that its answers were validated with goes with it, for the runtime cannot know it.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import type { DataRef, TensorInfo } from '#shared/contract/references';
import type { Preparation } from '#shared/contract/serving';
import { validationOutputSchema } from '#shared/contract/validation';
import { AppError, isAppError } from '#shared/errors';
import type { Finding } from '#shared/finding';
import { preprocessSchema, type PreprocessSpec } from '#core/datasets/datasetYaml';
import { resolvePreprocess } from '#core/preprocess/preprocessImage';
import { locateData, openDataset } from '../datasets/openDataset.ts';
import { resolveDataset } from '../datasets/resolveDataset.ts';
import { systemCodeOf, translateFileError } from '../files/translateFileError.ts';
import type { Services } from '../Services.ts';

/** What concerns the model itself of the file that `millwright serve NAME.onnx` reads, too; how it is run is the station's own matter. */
const besideSchema = z.object({ preprocess: preprocessSchema.optional(), state: z.record(z.string(), z.string()).optional() });

export interface ServedModel {
  readonly sha256: string;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** The file as a person named it; null where it came out of the registry. */
  readonly path: string | null;
}

/**
 * First what NAME.millwright.json says beside the file, then the test data of the station, then the data of the model's last validation, then what the version before had.
 * Where nothing is known the runtime refuses images, and `notes` says so. @throws BAD_INPUT for a file beside the model that cannot hold
 */
export async function servedPreparation(services: Pick<Services, 'store'>, model: ServedModel, { testId, before }: { readonly testId: string | null; readonly before: Preparation | null }): Promise<{ readonly prepared: Preparation; readonly notes: readonly Finding[] }> {
  const beside = model.path === null ? {} : await readBeside(model.path);
  const state = beside.state ?? (before?.state && hasState(model, before.state) ? before.state : null);
  if (state && !hasState(model, state)) throw new AppError('BAD_INPUT', `${besideName(model.path ?? '')} names as state what the model has not: ${Object.entries(state).map((pair) => pair.join(' and ')).join(', ')}.`, { hint: 'State names for each state input of the model the output that is its next value.' });
  const [input, second] = model.inputs;
  // Only the one input of a model can be filled from a picture; rows of numbers never are.
  if (!input || second || !takesImages(input)) return { prepared: { preprocess: null, state }, notes: [] };
  if (beside.preprocess) { resolvePreprocess(beside.preprocess, input); return { prepared: { preprocess: beside.preprocess, state }, notes: [] }; }
  const validated = services.store.collection('validations', validationOutputSchema).list().filter(({ modelSha256 }) => modelSha256 === model.sha256).sort((a, b) => b.takenAt.localeCompare(a.takenAt)).flatMap(({ data }) => (data === null ? [] : [data]));
  let why = 'no data set says how they are prepared for this model';
  for (const ref of [...(testId === null ? [] : [{ id: testId }]), ...validated.slice(0, 1)]) {
    try {
      const preprocess = await preprocessOf(services, ref);
      if (preprocess === null) { why = 'its test data are no pictures'; continue; }
      resolvePreprocess(preprocess, input);
      return { prepared: { preprocess, state }, notes: [] };
    } catch (error) {
      if (!isAppError(error)) throw error;
      why = error.message.replace(/\.$/, '');
    }
  }
  if (before?.preprocess && fits(before.preprocess, input)) return { prepared: { preprocess: before.preprocess, state }, notes: [] };
  return {
    prepared: { preprocess: null, state },
    notes: input.shape.length !== 4 ? [] : [{ id: 'IMAGES_REFUSED', severity: 'info', place: input.name, message: `Clients must send tensors; pictures as body are refused: ${why}.`, remedy: 'Give the station test data, or validate the model, and deploy again; or say preprocess in NAME.millwright.json beside the model\'s file.' }],
  };
}

/** As a data set of pictures prepares them; null for other data. */
async function preprocessOf(services: Pick<Services, 'store'>, ref: DataRef): Promise<PreprocessSpec | null> {
  const { path, schemaPath, record } = resolveDataset(services, ref);
  const { yaml } = await locateData(path, schemaPath);
  if (yaml?.preprocess) return yaml.preprocess;
  const layout = yaml?.layout ?? record?.check.layout ?? await layoutOf(services, ref);
  return layout === 'images' ? preprocessSchema.parse({}) : null; // validated with what the input itself says
}

async function layoutOf(services: Pick<Services, 'store'>, ref: DataRef): Promise<string> {
  const reader = await openDataset(services, ref, null);
  try { return reader.layout; } finally { await reader.close(); }
}

const besideName = (path: string): string => `${basename(path).replace(/\.onnx$/i, '')}.millwright.json`;

async function readBeside(path: string): Promise<z.infer<typeof besideSchema>> {
  const beside = `${path.replace(/\.onnx$/i, '')}.millwright.json`;
  let text: string;
  try { text = await readFile(beside, 'utf8'); } catch (error) {
    if (systemCodeOf(error) === 'ENOENT' || systemCodeOf(error) === 'ENOTDIR') return {};
    throw translateFileError(error, beside, 'read');
  }
  let value: unknown;
  try { value = JSON.parse(text); } catch (error) { throw new AppError('BAD_INPUT', `${besideName(path)} is not valid JSON.`, { cause: error }); }
  const parsed = besideSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AppError('BAD_INPUT', `${besideName(path)} is not valid: ${issue ? `${issue.path.join('.') || 'the whole'}: ${issue.message}` : 'it has an unknown fault'}.`);
}

const hasState = ({ inputs, outputs }: ServedModel, state: Readonly<Record<string, string>>): boolean => Object.entries(state).every(([input, output]) => inputs.some(({ name }) => name === input) && outputs.some(({ name }) => name === output));
const takesImages = (input: TensorInfo): boolean => { try { resolvePreprocess(null, input); return true; } catch { return input.shape.length === 4; } }; // with four axes, others of channels and type may be stated
const fits = (preprocess: Readonly<Record<string, unknown>>, input: TensorInfo): boolean => {
  const parsed = preprocessSchema.safeParse(preprocess);
  try { return parsed.success && Boolean(resolvePreprocess(parsed.data, input)); } catch { return false; }
};
