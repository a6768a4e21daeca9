import { expect, it } from 'vitest';
import type { Channel, Frame } from '#shared/rpc';
import { backoffMs, type Transport } from './channels.ts';
import { createConnection } from './connect.ts';

function fakeChannel() {
  const frames: ((frame: Frame) => void)[] = [];
  const closes: (() => void)[] = [];
  const sent: Frame[] = [];
  const channel: Channel = { send: (frame) => sent.push(frame), onFrame: (listener) => void frames.push(listener), onClose: (listener) => void closes.push(listener), close: () => closes.forEach((listener) => listener()) };
  return { channel, sent, receive: (frame: Frame) => frames.forEach((listener) => listener(frame)) };
}
function fakeTransport() {
  let events: Parameters<Transport>[0] | undefined;
  const transport: Transport = (given) => { events = given; return () => undefined; };
  return { transport, up: (channel: Channel) => events?.onChannel(channel), down: (reason: string) => events?.onLost(reason) };
}
const settle = () => new Promise((done) => { setImmediate(done); });

it('keeps a call that is made while the host is away, and sends it when the host is back', async () => {
  const { transport, up, down } = fakeTransport();
  const connection = createConnection(transport);
  const first = fakeChannel();
  up(first.channel);
  down('The host process ended.');
  expect(connection.state()).toEqual({ phase: 'lost', epoch: 1, reason: 'The host process ended.' });
  const answer = connection.call('stations.list', {});
  const second = fakeChannel();
  up(second.channel);
  await settle();
  expect([first.sent.length, second.sent.length, connection.state().epoch]).toEqual([0, 1, 2]);
  second.receive({ t: 'done', id: second.sent[0]?.id ?? 0, output: [] });
  await expect(answer).resolves.toEqual([]);
});

it('lets go of a waiting call that is cancelled', async () => {
  const { transport, up } = fakeTransport();
  const connection = createConnection(transport);
  const controller = new AbortController();
  const answer = connection.call('stations.list', {}, { signal: controller.signal });
  controller.abort();
  await expect(answer).rejects.toMatchObject({ code: 'CANCELLED' });
  const channel = fakeChannel();
  up(channel.channel);
  await settle();
  expect(channel.sent).toEqual([]);
});

it('waits longer with each try to connect, and never more than five seconds', () => expect([1, 2, 3, 4, 5, 6, 60].map(backoffMs)).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000]));
