// How each form of request is read, and its answer written.
import { peekGrpcSchedule, readGrpcRequest } from '../grpc/readGrpcRequest.ts';
import { writeGrpcResponse } from '../grpc/writeGrpcResponse.ts';
import type { InferRequest, ModelIdentity, ModelSignature, OutputTensor } from '../protocol/InferRequest.ts';
import { readInferRequest } from '../protocol/readInferRequest.ts';
import { isPredictRequest, readPredictRequest } from '../protocol/readPredictRequest.ts';
import { peekJsonSchedule, usualSchedule, type Schedule } from '../protocol/readSchedule.ts';
import { readRawRequest } from '../protocol/readRawRequest.ts';
import { readImageRequest } from '../protocol/readImageRequest.ts';
import { writePredictions } from '../protocol/writePredictions.ts';
import { writeInferResponse, type WrittenResponse } from '../protocol/writeInferResponse.ts';
import type { EngineJob, RequestForm } from './EngineMessages.ts';

export interface RequestCodec {
  read(job: EngineJob, signature: ModelSignature): InferRequest;
  write(outputs: readonly OutputTensor[], request: InferRequest, model: ModelIdentity): WrittenResponse;
}

const v2: RequestCodec = { read: ({ body, jsonBytes }, signature) => readInferRequest(body, jsonBytes, signature), write: writeInferResponse };
const predict: RequestCodec = { read: ({ body }, signature) => readPredictRequest(body, signature), write: writePredictions };
const codecs: Readonly<Record<Exclude<RequestForm, 'any'>, RequestCodec>> = {
  v2, predict,
  grpc: { read: ({ body }) => readGrpcRequest(body), write: writeGrpcResponse },
  image: { read: ({ body }, signature) => readImageRequest(body, signature), write: writeInferResponse },
  raw: { read: ({ body }, signature) => readRawRequest(body, signature), write: writeInferResponse },
};

/** The body itself says which it is where the address does not. @throws BAD_INPUT */
export const codecOf = ({ form, body }: EngineJob): RequestCodec => (form === 'any' ? (isPredictRequest(body) ? predict : v2) : codecs[form]);

/** How urgent a request is, without reading its tensors; only the protocol's own forms can say. @throws BAD_INPUT */
export function peekSchedule({ form, body, jsonBytes }: Pick<EngineJob, 'form' | 'body' | 'jsonBytes'>): Schedule {
  if (form === 'grpc') return peekGrpcSchedule(body);
  return form === 'v2' || form === 'any' ? peekJsonSchedule(body, jsonBytes) : usualSchedule;
}
