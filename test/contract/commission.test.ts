// The main job, as `npm run commission` does it: the bundled sample, from the machine check to evidence that verifies.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = mkdtempSync(join(tmpdir(), 'millwright-commission-'));
const out = join(root, 'out');
afterAll(() => rmSync(root, { recursive: true, force: true }));

function millwright(...args: string[]): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const child = spawn(process.execPath, [join('scripts', 'millwright.mjs'), ...args], { env: { ...process.env, MILLWRIGHT_DATA: join(root, 'data') }, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => { stdout += chunk.toString(); });
  child.stderr.on('data', (chunk: Buffer) => { stderr += chunk.toString(); });
  return new Promise((resolve) => { child.once('close', (code) => resolve({ code, stdout, stderr })); });
}

interface Block { readonly caption?: string; readonly rows?: readonly (readonly unknown[])[] }
interface Section { readonly blocks: readonly Block[]; readonly number: string; readonly performed: boolean; readonly reason: string | null }

const readSections = () => (JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as { readonly sections: readonly Section[] }).sections;
const rowsOf = (number: string, caption: string) => readSections().find((section) => section.number === number)?.blocks.find((block) => block.caption === caption)?.rows ?? [];

describe('commission', () => {
  let result: Awaited<ReturnType<typeof millwright>>;
  beforeAll(async () => { result = await millwright('commission', '--json', '-o', out); }, 240_000);

  it('ends with exit code 0 and verdict PASS, each step and limit told', () => {
    expect(result.code, result.stderr).toBe(0);
    const told = JSON.parse(result.stdout) as { readonly verdict: string; readonly steps: readonly { readonly id: string }[]; readonly limits: readonly { readonly verdict: string }[] };
    expect(told.verdict).toBe('PASS');
    expect(told.limits.map(({ verdict }) => verdict)).toEqual(Array(7).fill('PASS'));
    expect(told.steps).toHaveLength(8);
  });

  it('leaves evidence that verifies', async () => {
    expect(await millwright('evidence', 'verify', join(out, 'evidence.zip'), '--json')).toMatchObject({ code: 0 });
  });

  it('passes its own self-tests, and its files are those that were built', () => {
    const passed = (number: string, caption: string) => rowsOf(number, caption).map((row) => [row[0], JSON.stringify(row).includes('✓ pass')]);
    expect(passed('11', 'Self-tests')).toEqual(Array.from({ length: 13 }, (_, index) => [`OQ-${index + 1}`, true]));
    const files = passed('10', 'Installed files against the manifest');
    expect(files.map(([name]) => name)).toContain('host.cjs');
    expect(files.filter(([, ok]) => !ok)).toEqual([]);
  });

  it('says in the report what was measured, and of each section why it was not done', () => {
    const sections = readSections();
    expect(sections.filter(({ performed, reason }) => !performed && !reason)).toEqual([]);
    const done = new Set(sections.filter(({ performed }) => performed).map(({ number }) => number));
    expect(['1', '2', '3', '4', '5', '6', '7', '9', '10', '11', '12', '13', '14', '15', '20', '21'].filter((number) => !done.has(number))).toEqual([]);
    // The machine decides whether a quantized model wins; where one does, how it was made is told.
    const { candidateModelId } = JSON.parse(result.stdout) as { readonly candidateModelId: string | null };
    expect(done.has('8')).toBe(candidateModelId !== null);
    expect(readFileSync(join(out, 'report.json'), 'utf8')).not.toContain('"not recorded"');
    if (candidateModelId !== null) expect(readFileSync(join(out, 'report.json'), 'utf8')).toContain('Calibration manifest SHA-256');
  });
});

describe('commission of a model of one\'s own', () => {
  const made = join(root, 'made');
  it('prints the report by the template and in the language that are named', async () => {
    const wine = ['test/fixtures/models/wine_pipeline.onnx', '--data', 'test/fixtures/models/wine_pipeline_test.csv'];
    const { code, stdout, stderr } = await millwright('commission', ...wine, '--template', 'short', '--language', 'de', '--json', '-o', made);
    expect([0, 1], stderr).toContain(code); // the default limits judge by intervals, for which 89 samples are few
    expect(JSON.parse(stdout)).toMatchObject({ station: 'wine_pipeline', steps: { length: 8 } });
    expect(JSON.parse(readFileSync(join(made, 'report.json'), 'utf8'))).toMatchObject({ template: 'short', language: 'de' });
    expect(readFileSync(join(made, 'report.html'), 'utf8')).toMatch(/<html lang="de"[^]*Kurzbericht: /);
  });
  it('refuses a template or language that there is not', async () => {
    for (const [option, value] of [['--template', 'long'], ['--language', 'fr']] as const) {
      const { code, stdout } = await millwright('commission', option, value, '--json');
      expect([code, JSON.parse(stdout)]).toMatchObject([2, { error: { code: 'BAD_USAGE', message: expect.stringContaining(value) } }]);
    }
  });
});
