// Processor time of all processes of a group so far: a server that starts workers is paid for with them. Linux.
import { readdirSync, readFileSync } from 'node:fs';

/** @param leader process id of the group's first process @returns microseconds; the kernel counts in hundredths of a second */
export function groupCpuUs(leader) {
  let ticks = 0;
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const fields = readFileSync(`/proc/${entry}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
      if (Number(fields[2]) === leader) ticks += Number(fields[11]) + Number(fields[12]);
    } catch { /* it has just ended */ }
  }
  return ticks * 10_000;
}
