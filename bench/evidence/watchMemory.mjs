// The memory of a process with all below it, from /proc: the most that the group held together, pages that several share counted once.
import { readdirSync, readFileSync } from 'node:fs';

const statusOf = (pid, file) => { try { return readFileSync(`/proc/${pid}/${file}`, 'utf8'); } catch { return ''; } };

/** @param {number} root @returns {number[]} */
function group(root) {
  const parents = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = /^PPid:\s+(\d+)/m.exec(statusOf(name, 'status'))?.[1];
    if (parent) parents.set(Number(name), Number(parent));
  }
  const members = [root];
  for (let at = 0; at < members.length; at++) for (const [pid, parent] of parents) if (parent === members[at]) members.push(pid);
  return members;
}

/** @param {number} pid @returns {{ stop: () => { groupBytes: number, largestBytes: number } }} */
export function watchMemory(pid, everyMs = 100) {
  let [groupBytes, largestBytes] = [0, 0];
  const look = () => {
    let sum = 0;
    for (const member of group(pid)) {
      sum += Number(/^Pss:\s+(\d+)/m.exec(statusOf(member, 'smaps_rollup'))?.[1] ?? 0) * 1024;
      largestBytes = Math.max(largestBytes, Number(/^VmRSS:\s+(\d+)/m.exec(statusOf(member, 'status'))?.[1] ?? 0) * 1024);
    }
    groupBytes = Math.max(groupBytes, sum);
  };
  const timer = setInterval(look, everyMs);
  return { stop: () => { look(); clearInterval(timer); return { groupBytes, largestBytes }; } };
}
