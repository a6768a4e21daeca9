// Inference over HTTP: finds the model, hands the body to its engine, and answers in the form in which the request came.
import { badInput } from '../protocol/badInput.ts';
import type { RequestForm } from '../engine/EngineMessages.ts';
import type { Handler, HttpExchange, Reply, ServingContext } from './HttpExchange.ts';

export const lengthHeader = 'inference-header-content-length';

/** Platforms that pass no headers on carry the length of the JSON in the content type. */
const vendorType = /^application\/vnd\.(?:sagemaker-triton|vertex-ai-triton)\.binary\+json\s*;\s*json-header-size=(\d{1,15})\s*$/i;

/** Null where the whole body is JSON. */
export function jsonLengthOf({ headers }: Pick<HttpExchange, 'headers'>): { readonly bytes: number | null; readonly vendor: boolean } {
  const text = headers[lengthHeader];
  if (text !== undefined) {
    if (typeof text !== 'string' || !/^\d{1,15}$/.test(text)) throw badInput('The header Inference-Header-Content-Length must be a whole number.');
    return { bytes: Number(text), vendor: false };
  }
  const match = vendorType.exec(headers['content-type'] ?? '');
  return { bytes: match ? Number(match[1]) : null, vendor: match !== null };
}

export interface InferTarget { readonly name: string; readonly version: string | null; readonly form?: RequestForm }

export async function inferReply(exchange: HttpExchange, { registry }: ServingContext, target: InferTarget): Promise<Reply> {
  registry.serving(target.name, target.version); // before the body, so that nothing is read for a model that is not there
  const { bytes, vendor } = jsonLengthOf(exchange);
  const isImage = target.form === undefined && (exchange.headers['content-type'] ?? '').startsWith('image/');
  const form: RequestForm = target.form ?? (isImage ? 'image' : bytes === 0 ? 'raw' : 'v2');
  // another version may have taken over while the body came in
  const answer = await exchange.withBody(bytes ?? 0, (body, giveBack) => registry.serving(target.name, target.version).engine.infer({ form, body, jsonBytes: bytes ?? body.length, arrivedNs: exchange.arrivedNs, client: exchange.client, onSpent: giveBack, signal: exchange.signal }));
  if (answer.jsonBytes === null) return { status: 200, body: answer.body };
  const type = vendor ? `${(exchange.headers['content-type'] ?? '').split(';')[0]};json-header-size=${answer.jsonBytes}` : 'application/octet-stream';
  return { status: 200, body: answer.body, headers: { 'content-type': type, ...(vendor ? {} : { 'Inference-Header-Content-Length': String(answer.jsonBytes) }) } };
}

export const inferHandler = (target: InferTarget): Handler => (exchange, context) => inferReply(exchange, context, target);
