// How each form of request is read, and its answer written.
import { readGrpcRequest } from '../grpc/readGrpcRequest.ts';
import { writeGrpcResponse } from '../grpc/writeGrpcResponse.ts';
import type { InferRequest, ModelIdentity, ModelSignature, OutputTensor } from '../protocol/InferRequest.ts';
import { readInferRequest } from '../protocol/readInferRequest.ts';
import { readRawRequest } from '../protocol/readRawRequest.ts';
import { readImageRequest } from '../protocol/readImageRequest.ts';
import { writeInferResponse, type WrittenResponse } from '../protocol/writeInferResponse.ts';
import type { EngineJob, RequestForm } from './EngineMessages.ts';

export interface RequestCodec {
  read(job: EngineJob, signature: ModelSignature): InferRequest;
  write(outputs: readonly OutputTensor[], request: InferRequest, model: ModelIdentity): WrittenResponse;
}

export const requestCodecs: Partial<Readonly<Record<RequestForm, RequestCodec>>> = {
  v2: { read: ({ body, jsonBytes }, signature) => readInferRequest(body, jsonBytes, signature), write: writeInferResponse },
  grpc: { read: ({ body }) => readGrpcRequest(body), write: writeGrpcResponse },
  image: { read: ({ body }, signature) => readImageRequest(body, signature), write: writeInferResponse },
  raw: { read: ({ body }, signature) => readRawRequest(body, signature), write: writeInferResponse },
};
