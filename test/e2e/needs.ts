// Declares a suite that needs something of the machine; where it is missing the suite is listed as skipped, with the reason in its name.
import { describe } from 'vitest';
import { findChromium, findDocker, findDockerd, findElectron, findNetns, findParts, findPeer, findProgram, findTorchServe } from './requirements.mjs';

type Need = 'chromium' | 'electron' | 'docker' | 'dockerd' | 'netns' | 'parts' | 'torchserve' | 'qpdf' | 'pdftotext' | 'openssl' | 'sshd' | 'dbus-daemon' | 'gnome-keyring-daemon' | `peer:${string}`;

async function find(need: Need) {
  switch (need) {
    case 'chromium': return findChromium();
    case 'electron': return findElectron();
    case 'docker': return findDocker();
    case 'dockerd': return findDockerd();
    case 'netns': return findNetns();
    case 'parts': return findParts();
    case 'torchserve': return findTorchServe();
    default: return need.startsWith('peer:') ? findPeer(need.slice('peer:'.length)) : findProgram(need);
  }
}

/** Runs `suite` with the path of each need, or lists it as skipped. */
export async function describeNeeding<N extends Need>(name: string, needs: readonly N[], suite: (paths: Readonly<Record<N, string>>) => void): Promise<void> {
  const found = await Promise.all(needs.map(async (need) => ({ need, answer: await find(need) })));
  const missing = found.flatMap(({ answer }) => (answer.ok ? [] : [answer.reason]));
  if (missing.length > 0) {
    describe.skip(`${name} [skipped: ${missing.join('; ')}]`, () => suite({} as Record<N, string>)); // never run, only listed
    return;
  }
  const paths = Object.fromEntries(found.map(({ need, answer }) => [need, answer.ok ? answer.path : ''])) as Record<N, string>; // keys are exactly `needs`
  describe(name, () => suite(paths));
}
