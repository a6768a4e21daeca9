// Which port a station gets, and what is said where there is none.
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { choosePort } from './choosePorts.ts';

/** Reserved for documentation, so that no machine has it. */
const elsewhere = '192.0.2.9';

it.each([undefined, 8500])('does not tell of taken ports where the address is not of this machine: %s', async (wanted) => {
  await expect(choosePort(wanted, new Set(), elsewhere)).rejects.toMatchObject({ code: 'BAD_INPUT', message: `This machine has no address ${elsewhere}.` });
});

it('tells of a port that another program has', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => { other.listen(0, '127.0.0.1', resolve); });
  const { port } = other.address() as AddressInfo; // it listens at a port, not at a path
  try {
    await expect(choosePort(port, new Set(), '127.0.0.1')).rejects.toMatchObject({ code: 'PORT_TAKEN' });
  } finally {
    await new Promise((resolve) => { other.close(resolve); });
  }
});

it('does not look at the ports of another machine', async () => {
  expect(await choosePort(undefined, new Set([8100]), null)).toBe(8101);
});
