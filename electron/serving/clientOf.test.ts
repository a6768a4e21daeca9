// Who is taken for one client: turns in the queue go by it.
import type { IncomingMessage } from 'node:http';
import { Metadata } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { clientHeader, clientOf, clientOfCall } from './clientOf.ts';

const call = (headers: Readonly<Record<string, string>>, port = 1) => {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const one = { peer: `10.0.0.1:${port}`, getPeer() { return this.peer; }, metadata }; // as a call does, it looks at itself
  return clientOfCall(one);
};

it('tells clients behind a gateway apart over gRPC as over HTTP: by what it writes', () => {
  const headers = { [clientHeader]: 'plc-1', authorization: 'Bearer of-the-replicas' };
  expect([call(headers), call({ ...headers, [clientHeader]: 'plc-2' }, 2)]).toEqual([['10.0.0.1', 'plc-1'], ['10.0.0.1', 'plc-2']]);
  expect(clientOf({ headers, socket: { remoteAddress: '10.0.0.1' } as IncomingMessage['socket'] })).toEqual(call(headers)); // of a socket, the address is read only
});

it('goes by address and key where no gateway stands in front, whatever the connection', () => {
  expect([call({ authorization: 'Bearer a' }), call({ authorization: 'Bearer a' }, 2), call({})]).toEqual([['10.0.0.1', 'Bearer a'], ['10.0.0.1', 'Bearer a'], ['10.0.0.1', '']]);
});
