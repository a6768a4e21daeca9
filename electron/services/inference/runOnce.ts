// Runs a model once on inputs given as .npy files, and writes its outputs as .npy files.
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { OutputOf, ParsedInputOf } from '#shared/contract/index';
import { AppError } from '#shared/errors';
import type { TensorValue } from '#shared/tensor';
import { encodeNpy } from '#core/arrays/encodeNpy';
import { fitTensor } from '#core/preprocess/fitTensor';
import { readNpy } from '../datasets/readNpy.ts';
import { translateFileError } from '../files/translateFileError.ts';
import { writeFileAtomic } from '../files/writeFileAtomic.ts';
import type { Services } from '../Services.ts';
import { runTask } from '../workers/runTask.ts';
import { openSession } from './openSession.ts';
import { tensorInfos } from './tensorInfos.ts';

const PREVIEW = 8;

/** Names of outputs may hold anything; a file name may not. */
const fileNameOf = (output: string) => `${output.replace(/[^A-Za-z0-9._-]+/g, '_').slice(0, 100) || 'output'}.npy`;

export async function runOnce(services: Services, path: string, input: Omit<ParsedInputOf<'models.run'>, 'model'>, signal: AbortSignal): Promise<OutputOf<'models.run'>> {
  const given = new Map<string, TensorValue>();
  for (const [name, file] of Object.entries(input.inputs)) given.set(name, await readNpy(file));
  const session = await openSession(services, { path });
  try {
    const infos = tensorInfos(session.inputs);
    const unknown = [...given.keys()].find((name) => !infos.some((info) => info.name === name));
    if (unknown !== undefined) throw new AppError('BAD_INPUT', `${basename(path)} has no input "${unknown}"; it has ${infos.map(({ name }) => `"${name}"`).join(', ')}.`);
    const missing = infos.find(({ name }) => !given.has(name));
    if (missing) throw new AppError('BAD_INPUT', `Input "${missing.name}" (${missing.type}, shape ${missing.shape.map((size) => size ?? '?').join(' x ')}) is not given.`, { hint: `Add --input ${missing.name}=FILE.npy.` });
    const feeds = Object.fromEntries(infos.map((info) => [info.name, fitTensor(given.get(info.name)!, info, `Input "${info.name}"`)]));
    const { outputs, durationMs } = await session.run(feeds, { signal });
    const providerShares = input.profile ? await runTask(services.workers, 'benchmarks.profile', { session: { path }, feeds: [feeds], runs: 1 }, { signal }) : [];
    const written = [];
    if (input.outputDir !== undefined) await mkdir(input.outputDir, { recursive: true }).catch((error: unknown) => { throw translateFileError(error, input.outputDir!, 'write'); });
    for (const [name, value] of Object.entries(outputs)) {
      const file = input.outputDir === undefined ? null : join(input.outputDir, fileNameOf(name));
      if (file !== null) await writeFileAtomic(file, encodeNpy(value), { force: input.force });
      written.push({ name, type: value.type, shape: [...value.dims], path: file, preview: Array.from(value.data.slice(0, PREVIEW) as ArrayLike<number | bigint | string>, (element) => (typeof element === 'bigint' ? Number(element) : element)) });
    }
    return { outputs: written, durationMs, providerShares };
  } finally {
    await session.close();
  }
}
