// The folder from which another engine reads a version: the texts of the plan, and the model's own files, which must still be the ones that were deployed.
import { posix } from 'node:path';
import type { DeploymentVersion } from '#shared/contract/serving';
import { AppError } from '#shared/errors';
import { fileOfBytes, fileOfPath, withFolders, type TarFile } from '../images/tarStream.ts';
import { readModelFile } from '../models/readModelFile.ts';
import { resolveModel } from '../models/resolveModel.ts';
import type { Services } from '../Services.ts';
import { foreignFiles, readForeign } from './modelSource.ts';

/** @throws NOT_FOUND, BAD_MODEL where the file is another one now */
export async function engineRepository(services: Services, version: DeploymentVersion, signal?: AbortSignal): Promise<readonly TarFile[]> {
  const { repository } = version;
  if (!repository) throw new AppError('INTERNAL', `The version ${version.id} has no repository.`);
  const texts = repository.texts.map(({ path, text }) => fileOfBytes(path, text, 0o444));
  const { files, sha256 } = await modelFiles(services, version, repository, signal);
  if (sha256 !== version.modelSha256) throw new AppError('BAD_MODEL', `The file of ${version.modelName} is not the one that was deployed: its hash differs.`, { hint: 'Deploy it as a new version.' });
  return withFolders([...texts, ...files]);
}

async function modelFiles(services: Services, { modelId, modelPath, id }: DeploymentVersion, { format, modelAt }: NonNullable<DeploymentVersion['repository']>, signal: AbortSignal | undefined): Promise<{ readonly files: readonly TarFile[]; readonly sha256: string }> {
  if (format !== 'onnx') {
    if (modelPath === null) throw new AppError('INTERNAL', `The version ${id} has no model.`);
    return { files: await foreignFiles(modelPath, format, modelAt), sha256: (await readForeign(modelPath, format)).sha256 };
  }
  if (modelId === null) throw new AppError('INTERNAL', `The version ${id} has no model.`);
  const { path } = await resolveModel(services, { id: modelId });
  const read = await readModelFile(path, signal);
  try {
    const data = await Promise.all(read.locations.map((location) => fileOfPath(posix.join(posix.dirname(modelAt), location.replaceAll('\\', '/')), read.external.pathOf(location))));
    return { files: [await fileOfPath(modelAt, path), ...data], sha256: read.sha256 };
  } finally { read.external.close(); }
}
