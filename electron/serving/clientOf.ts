// Who asks, so that clients take turns: the address, and there the client that the gateway names, or the key that is shown.
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Client } from './engine/FairQueue.ts';

/** Set by the gateway, whose address all its clients have. */
export const clientHeader = 'x-millwright-client';

/** Tokens differ at their end. */
const keptChars = 64;
export const tailOf = (text: string): string => text.slice(-keptChars);

/** What the gateway writes there, over what a client may have sent: nobody gets more turns by naming himself. @param client null where it has shown no key of its own */
export const nameBehind = (client: string | null, { authorization }: IncomingHttpHeaders, address: string | undefined): string => (client === null ? tailOf(authorization ?? address ?? '') : encodeURIComponent(client));

export function clientOf({ headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>): Client {
  const named = headers[clientHeader];
  return [socket.remoteAddress ?? '', typeof named === 'string' ? tailOf(named) : tailOf(headers.authorization ?? '')];
}

/** The same for a call of gRPC, whose peer is "address:port": each connection of a client has another port. */
export function clientOfCall(call: { getPeer(): string; readonly metadata: { get(name: string): readonly (string | Buffer)[] } }): Client {
  const { metadata } = call;
  return [call.getPeer().replace(/:\d+$/, ''), tailOf((metadata.get(clientHeader)[0] ?? metadata.get('authorization')[0] ?? '').toString())];
}
