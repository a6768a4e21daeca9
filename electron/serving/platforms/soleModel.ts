// Platforms whose address names no model mean the one that the container holds.
import { AppError } from '#shared/errors';
import type { HttpExchange, Reply, ServingContext } from '../http/HttpExchange.ts';
import { inferReply, jsonLengthOf } from '../http/inferHandler.ts';

export function soleModel({ registry }: ServingContext): string {
  const names = [...new Set(registry.versions().map(({ name }) => name))];
  const [name] = names;
  if (name === undefined) throw new AppError('BUSY', 'No model is loaded yet.');
  if (names.length > 1) throw new AppError('BAD_INPUT', `This address is for containers with one model; this one has ${names.length}, each at /v2/models/NAME/infer.`);
  return name;
}

/** Any form that the body can have: tensors of the Open Inference Protocol, rows of instances, or an image. */
export function inferAny(exchange: HttpExchange, context: ServingContext, name: string): Promise<Reply> {
  const type = exchange.headers['content-type'] ?? '';
  const plain = jsonLengthOf(exchange).bytes === null && !type.startsWith('image/');
  return inferReply(exchange, context, { name, version: null, ...(plain ? { form: 'any' as const } : {}) });
}

export const ready = ({ registry, isOpen }: ServingContext): Reply => (isOpen() && registry.isReady() ? { status: 200, body: '' } : { status: 503, body: '' });
