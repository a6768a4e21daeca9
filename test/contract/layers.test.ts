// The rules of ARCHITECTURE.md bite: what is built holds only what it may, and a file that breaks a layer does not pass the compiler or the layer check.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, extname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const filesUnder = (folder: string): string[] => readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));

describe.skipIf(!existsSync('dist/page'))('the built page (needs the build in dist)', () => {
  const files = existsSync('dist/page') ? filesUnder('dist/page') : [];
  const texts = files.filter((file) => ['.js', '.mjs', '.css', '.html', '.json'].includes(extname(file))).map((file) => ({ file, text: readFileSync(file, 'utf8') }));

  it('is there', () => { expect(files.some((file) => file.endsWith('index.html'))).toBe(true); });

  it('holds nothing of Node and no native module', () => {
    const node = /(?:from|import|require)\s*\(?\s*["'](?:node:[a-z/]+|fs|path|child_process|electron|onnxruntime-node|dockerode|libsql|sharp|@napi-rs\/keyring)["']/;
    expect(texts.filter(({ text }) => node.test(text) || /["']node:[a-z]+["']/.test(text)).map(({ file }) => file)).toEqual([]);
    expect(files.filter((file) => /\.(node|wasm|dll|so|dylib)$/.test(file))).toEqual([]);
  });

  it('loads nothing from elsewhere: no script, style, font, image or import by a remote address', () => {
    const remote = /(?:\b(?:src|href)\s*=\s*["']?|@import\s+(?:url\()?["']?|url\(\s*["']?|\bimport\s*\(?\s*["']|\bfrom\s*["'])(?:https?:)?\/\/[^"')\s]+/gi;
    expect(texts.flatMap(({ file, text }) => [...text.matchAll(remote)].map(([found]) => `${file}: ${found.slice(0, 120)}`))).toEqual([]);
  });

  it('brings its fonts along', () => {
    const fonts = texts.flatMap(({ file, text }) => [...text.matchAll(/url\(\s*["']?([^"')]+\.woff2)/g)].map(([, path = '']) => join(path.startsWith('/') ? 'dist/page' : dirname(file), path)));
    expect(fonts.length).toBeGreaterThan(0);
    expect(fonts.filter((path) => !existsSync(path))).toEqual([]);
  });
});

describe('a file that breaks a layer', () => {
  const copy = mkdtempSync(join(tmpdir(), 'millwright-layers-'));
  afterAll(() => rmSync(copy, { recursive: true, force: true }));
  const write = (path: string, text: string) => { mkdirSync(dirname(join(copy, path)), { recursive: true }); writeFileSync(join(copy, path), text); };
  const run = (tool: string, ...args: string[]) => { const { status, stdout, stderr } = spawnSync(process.execPath, [resolve('node_modules', tool), ...args], { cwd: copy, encoding: 'utf8' }); return { passed: status === 0, text: stdout + stderr }; };
  const compile = (project: string) => run('typescript/bin/tsc', '-b', project);

  beforeAll(() => {
    for (const name of ['tsconfig.base.json', 'package.json', '.dependency-cruiser.cjs', '.oxlintrc.json']) cpSync(name, join(copy, name));
    // The layers' own settings over a few files, which is quick: the real projects are compiled by the types check.
    for (const layer of ['shared', 'electron/core', 'renderer']) write(join(layer, 'tsconfig.json'), readFileSync(join(layer, 'tsconfig.json'), 'utf8'));
    symlinkSync(resolve('node_modules'), join(copy, 'node_modules'), 'junction');
    write('shared/sum.ts', '// A sum.\nexport const sum = (a: number, b: number): number => a + b;\n');
    write('electron/core/twice.ts', "// Twice a number.\nimport { sum } from '../../shared/sum.ts';\nexport const twice = (a: number): number => sum(a, a);\n");
  });

  it('a core that keeps the rules compiles', () => { expect(compile('electron/core/tsconfig.json')).toMatchObject({ passed: true }); });

  it.each([['imports node:fs', "import { readFileSync } from 'node:fs';\nexport const read = readFileSync;\n"], ['asks for the process', 'export const home = process.env;\n'], ['touches the page', 'export const title = document.title;\n']])('a core file that %s does not compile', (_what, text) => {
    write('electron/core/wrong.ts', `// Wrong.\n${text}`);
    const { passed, text: told } = compile('electron/core/tsconfig.json');
    rmSync(join(copy, 'electron/core/wrong.ts'));
    expect([passed, told]).toEqual([false, expect.stringContaining('electron/core/wrong.ts')]);
  });

  it('a shared file that imports node:fs does not compile', () => {
    write('shared/wrong.ts', "// Wrong.\nimport { readFileSync } from 'node:fs';\nexport const read = readFileSync;\n");
    const { passed, text } = compile('shared/tsconfig.json');
    rmSync(join(copy, 'shared/wrong.ts'));
    expect([passed, text]).toEqual([false, expect.stringContaining('shared/wrong.ts')]);
  });

  it.each([
    ['a core file that imports a service', 'electron/core', { 'electron/core/wrong.ts': "// Wrong.\nimport { low } from '../services/low.ts';\nexport const up = low;\n", 'electron/services/low.ts': '// Low.\nexport const low = 1;\n' }],
    ['a page that imports the core', 'renderer', { 'renderer/wrong.ts': "// Wrong.\nimport { twice } from '../electron/core/twice.ts';\nexport const four = twice(2);\n" }],
  ])('%s does not compile', (_what, project, files) => {
    for (const [path, text] of Object.entries(files)) write(path, text);
    const { passed, text } = compile(`${project}/tsconfig.json`);
    for (const path of Object.keys(files)) rmSync(join(copy, path));
    expect([passed, text]).toEqual([false, expect.stringMatching(/TS6307/)]);
  });

  it.each([
    ['a feature that imports another feature', { 'renderer/features/machine/MachinePage.ts': "// A.\nimport { row } from '../models/row.ts';\nexport const page = row;\n", 'renderer/features/models/row.ts': '// B.\nexport const row = 1;\n' }],
    ['a cycle', { 'electron/core/a.ts': "// A.\nimport { b } from './b.ts';\nexport const a = (): number => b();\n", 'electron/core/b.ts': "// B.\nimport { a } from './a.ts';\nexport const b = (): number => a();\n" }],
  ])('%s does not pass the layer check', (_what, files) => {
    for (const [path, text] of Object.entries(files)) write(path, text);
    mkdirSync(join(copy, 'renderer'), { recursive: true });
    const { passed, text } = run('dependency-cruiser/bin/dependency-cruise.mjs', '--config', '.dependency-cruiser.cjs', 'shared', 'electron', 'renderer');
    for (const path of Object.keys(files)) rmSync(join(copy, path));
    expect(passed, text).toBe(false);
    expect(text).toMatch(new RegExp(`error .*${Object.keys(files)[0]!.replaceAll('/', '\\/').replace('.ts', '')}`));
  });

  it.each([['onnxruntime-node', 'electron/services/models/wrong.ts'], ['dockerode', 'electron/services/models/wrong.ts'], ['@napi-rs/keyring', 'electron/services/evidence/wrong.ts'], ['electron', 'electron/host/wrong.ts']])('%s imported outside its folder does not pass the linter', (name, path) => {
    write(path, `// Wrong.\nimport * as taken from '${name}';\nexport const kept = taken;\n`);
    const { passed, text } = run('oxlint/bin/oxlint', path);
    rmSync(join(copy, path));
    expect([passed, text]).toEqual([false, expect.stringContaining('no-restricted-imports')]);
  });
});
