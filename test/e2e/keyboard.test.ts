// The console in Chromium with the keyboard alone.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { carryMainJobByKeyboard } from './mainJobByKeyboard.ts';
import { describeNeeding } from './needs.ts';
import { openConsole, type OpenConsole } from './openConsole.ts';

await describeNeeding('console by keyboard', ['chromium'], (paths) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'millwright-keyboard-'));
  let shown: OpenConsole;

  beforeAll(async () => { shown = await openConsole({ chromium: paths.chromium, dataDir }); });
  afterAll(async () => {
    await shown.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('goes from the sample station to verified evidence without the mouse', async () => {
    await carryMainJobByKeyboard(shown.page);
    expect(shown.watch).toMatchObject({ errors: [], strangers: [] });
  });
});
