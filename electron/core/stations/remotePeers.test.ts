import { expect, it } from 'vitest';
import { readRemotePeers } from './remotePeers.ts';

const row = (slot: number, remote: string, state: string, inode: number) => `   ${slot}: 0100007F:1F90 ${remote} ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000000000000000 20 4 30 10 -1`;
const table = ['  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
  row(0, '0100007F:C350', '01', 11), row(1, '0501A8C0:01BB', '01', 12), row(2, '0501A8C0:01BB', '06', 13), row(3, '0601A8C0:0016', '01', 14),
  row(4, '0000000000000000FFFF00000701A8C0:0050', '01', 15), row(5, 'B80D0120000000000000000001000000:01BB', '01', 16), row(6, '00000000000000000000000001000000:0050', '01', 17), row(7, '0000000000000000FFFF00000100007F:0050', '01', 18)].join('\n');

it('names who is spoken with beyond this machine, of these sockets only', () => {
  expect(readRemotePeers(table, new Set(['11', '12', '13', '15', '16', '17', '18']))).toEqual(['192.168.1.5:443', '192.168.1.7:80', '[2001:db8:0:0:0:0:0:1]:443']);
  expect(readRemotePeers(table, new Set())).toEqual([]);
});
