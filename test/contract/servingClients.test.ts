// Client libraries of other makers against the built serving bundle: they know nothing of our code, so that they judge it.
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identityModel, layerModel, onnxElementTypes, placeModel } from '#test/fakes/servingModels';
import { buildServing, startServingProcess, untilReady, type ServingProcess } from '#test/fakes/servingProcess';

const run = promisify(execFile);
const root = mkdtempSync(join(tmpdir(), 'millwright-clients-'));
let server: ServingProcess;

/** A Python environment for each list of requirements, kept between runs; null with the reason where this machine cannot make it. */
async function pythonFor(list: string): Promise<{ readonly python: string | null; readonly reason: string }> {
  const requirements = resolve('test/clients', list);
  const folder = resolve('.build', `clients-${createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12)}`);
  const python = join(folder, 'bin', 'python');
  if (existsSync(join(folder, 'complete'))) return { python, reason: '' };
  try {
    execFileSync('python3', ['-m', 'venv', '--clear', folder], { stdio: 'pipe' });
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', requirements], { timeout: 280_000 });
    writeFileSync(join(folder, 'complete'), '');
    return { python, reason: '' };
  } catch (error) {
    return { python: null, reason: `the clients cannot be installed here: ${error instanceof Error ? error.message.split('\n').slice(0, 2).join(' ').slice(0, 200) : String(error)}` };
  }
}

beforeAll(async () => {
  buildServing();
  for (const [name, type] of Object.entries(onnxElementTypes)) placeModel(root, `id_${name.toLowerCase()}`, identityModel(type));
  placeModel(root, 'layer', layerModel(), { settings: { labels: ['a', 'b', 'c'] } });
  server = await startServingProcess(root);
  await untilReady(server);
}, 120_000);
afterAll(async () => { await server?.end(); rmSync(root, { recursive: true, force: true }); });

describe('clients of other makers', () => {
  it.for([['tritonclient', 'requirements-triton.txt', 'triton_client.py'], ['kserve', 'requirements-kserve.txt', 'kserve_client.py']] as const)('%s gets right answers', { timeout: 420_000 }, async ([name, requirements, script], { skip }) => {
    const { python, reason } = await pythonFor(requirements);
    if (python === null) return skip(reason);
    const { stdout } = await run(python, [resolve('test/clients', script), String(server.port), String(server.grpcPort)], { timeout: 120_000 });
    expect(stdout).toContain(`${name}: all answers are right`);
  });
});
