import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openEngine } from './Engine.ts';
import { refuseOtherPlatform } from './refuseOtherPlatform.ts';

async function against(info: object): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'engine-'));
  const server = createServer((request, response) => { response.setHeader('content-type', 'application/json'); response.end(JSON.stringify(request.url?.includes('/info') === true ? info : { Version: '28.1.0', Components: [] })); });
  await new Promise<void>((resolve) => { server.listen(join(folder, 'docker.sock'), resolve); });
  try {
    const engine = await openEngine({ platform: 'linux', env: { DOCKER_HOST: `unix://${join(folder, 'docker.sock')}` }, home: folder });
    return await refuseOtherPlatform(engine).then(() => 'taken', (error: unknown) => error);
  } finally {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

it.skipIf(process.platform === 'win32')('takes Linux on x86-64 and says why not where it is something else', async () => {
  expect(await against({ Architecture: 'x86_64', OSType: 'linux' })).toBe('taken');
  expect(await against({ Architecture: 'aarch64', OSType: 'linux' })).toMatchObject({ code: 'DOCKER_REFUSED', message: expect.stringContaining('aarch64') as string });
  expect(await against({ Architecture: 'x86_64', OSType: 'windows' })).toMatchObject({ code: 'DOCKER_REFUSED', hint: expect.stringContaining('Linux containers') as string });
});
