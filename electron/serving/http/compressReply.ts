// Compresses an answer for clients that ask for exactly one coding; those that list what they could take are not made to wait for it.
import { promisify } from 'node:util';
import { deflate, gzip } from 'node:zlib';
import type { Reply } from './HttpExchange.ts';

const compressors = { gzip: promisify(gzip), deflate: promisify(deflate) } as const;
/** Below this the head of the compressed form eats the gain. */
const worthBytes = 1024;

export async function compressReply(reply: Reply, accepted: string | string[] | undefined): Promise<Reply> {
  if ((accepted !== 'gzip' && accepted !== 'deflate') || reply.body.length < worthBytes) return reply;
  return { ...reply, body: await compressors[accepted](reply.body, { level: 1 }), headers: { ...reply.headers, 'content-encoding': accepted } };
}
