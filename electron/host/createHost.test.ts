// A host's end: nothing of it goes on in the data folder afterwards.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openTestHost } from '#test/fakes/testHost';

it('once it is closed, the key of a new data folder and the signed head are there, whole: whoever closes may take the folder away', async () => {
  for (let run = 0; run < 10; run++) {
    const dataDir = mkdtempSync(join(tmpdir(), 'millwright-host-'));
    const { host } = openTestHost({ dataDir });
    await host.close();
    const keys = readdirSync(join(dataDir, 'keys')).sort();
    rmSync(dataDir, { recursive: true });
    await new Promise((resolve) => { setImmediate(resolve); });
    expect([keys.includes('signing-key.pem'), keys.filter((name) => name.includes('.tmp')), existsSync(dataDir)]).toEqual([true, [], false]);
  }
});
