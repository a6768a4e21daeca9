// What a job is about, in a person's words: the name of the model or data set where it is registered, else the file's name.
import type { DataRef, ModelRef } from '#shared/contract/references';
import type { Services } from '#services/Services';
import { datasetRecords } from '#services/datasets/resolveDataset';
import { modelRecords } from '#services/models/modelRecords';

const lastPart = (path: string): string => path.split(/[\\/]/).filter((part) => part !== '').at(-1) ?? path;

export const modelSubject = (services: Pick<Services, 'store'>, ref: ModelRef): string => ('id' in ref ? modelRecords(services).get(ref.id)?.name ?? ref.id : lastPart(ref.path));
export const dataSubject = (services: Pick<Services, 'store'>, ref: DataRef): string => ('id' in ref ? datasetRecords(services).get(ref.id)?.name ?? ref.id : lastPart(ref.path));
