#!/usr/bin/env node
// Builds dist/: host, CLI, worker, Electron's main and preload as CommonJS for Node 16.17 and newer, and the page for Chrome 108. `--watch` builds again on change.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { launcherOf } from './codeCache.mjs';
import { lateConstants } from './lateConstants.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');

/** Packages that stay in node_modules: the run-time dependencies (native code, or files beside their code), and what some packages only try to load. */
export async function externalPackages() {
  const { dependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  return [...Object.keys(dependencies), 'electron', 'bufferutil', 'utf-8-validate'];
}

/** Programs that run in Node; `polyfill` is loaded before anything else of them; `warmUp`: with these arguments it runs once after the build, for its code cache, under the `flags` of forkWorker.ts: V8 takes a cache only under the flags that it was made with. */
const programs = [
  { out: 'host', entry: 'electron/host/utility/main.ts', polyfill: true },
  { out: 'cli', entry: 'electron/cli/main.ts', polyfill: true, warmUp: ['--version'] },
  { out: 'worker', entry: 'electron/services/workers/worker.ts', polyfill: true, warmUp: [], flags: ['--max-semi-space-size=1'] },
  { out: 'trialHost', entry: 'electron/host/trial/main.ts', polyfill: true },
  // travels alone into the container, where only the runtime is beside it; each of its threads reads it
  { out: 'serving', entry: 'electron/serving/main.ts', polyfill: true, external: ['onnxruntime-node', '@grpc/proto-loader'], compact: true },
  { out: 'main', entry: 'electron/main/main.ts', polyfill: false },
  { out: 'preload', entry: 'electron/preload/preload.ts', polyfill: false },
];
/** esbuild's name of zod in a bundle. */
const schemaMakers = ['external_exports'];
/** Beside the launcher of this name, which takes its place. */
const programOf = (out) => `${out}.program`;
const pages = [{ out: 'index', entry: 'renderer/app/index.tsx', title: 'Millwright' }, { out: 'gallery', entry: 'renderer/gallery/index.tsx', title: 'Millwright gallery' }];

const readVersion = async (path) => JSON.parse(await readFile(join(root, path), 'utf8')).version;

async function define() {
  const versions = { app: await readVersion('package.json'), onnxruntime: await readVersion('node_modules/onnxruntime-node/package.json') };
  return { MILLWRIGHT_VERSIONS: JSON.stringify(versions) };
}

/** Absent entries are left out, so that a part of the tree can be built. */
async function configurations() {
  const shared = { bundle: true, sourcemap: 'linked', logLevel: 'warning', absWorkingDir: root, legalComments: 'none', metafile: true, define: await define() };
  const external = await externalPackages();
  const polyfill = join(root, 'electron/host/polyfill.ts');
  const node = programs.filter(({ entry }) => existsSync(join(root, entry))).map(({ out, entry, polyfill: first, external: only, compact = false, warmUp }) => ({
    ...shared, entryPoints: { [warmUp ? programOf(out) : out]: entry }, outdir: dist, outExtension: { '.js': '.cjs' }, platform: 'node', format: 'cjs', target: 'node16.17', external: only ?? external, minifyWhitespace: compact, minifySyntax: compact,
    supported: { 'dynamic-import': false }, // becomes require(): older Electron's import() does not see into the archive, and its packages would not be found
    ...(first ? { inject: [polyfill] } : {}),
  }));
  const present = pages.filter(({ entry }) => existsSync(join(root, entry)));
  if (present.length === 0) return node;
  return [...node, {
    ...shared, entryPoints: Object.fromEntries(present.map(({ out, entry }) => [out, entry])), outdir: join(dist, 'page'), platform: 'browser', format: 'esm', target: 'chrome108', splitting: true,
    minify: true, jsx: 'automatic', define: { ...shared.define, 'process.env.NODE_ENV': '"production"' }, entryNames: '[name]', chunkNames: 'chunk-[hash]', assetNames: 'asset-[hash]',
    loader: { '.woff2': 'file', '.woff': 'file', '.svg': 'file', '.png': 'file' },
  }];
}

/**
 * Packages that stay outside the bundle, CommonJS packages within it, and Node's own modules are loaded when they are first used, not at the start: a command that opens no container does not wait for the container library.
 * esbuild names each such import `import_<package>`; it becomes a function that loads on the first call.
 */
function loadLate(code, external) {
  const declaration = /^(\s*)var (import_[\w$]+) = (__toESM\(require\("([^"]+)"\)(?:, 1)?\)|require\("([^"]+)"\)|__toESM\(require_[\w$]+\(\)(?:, 1)?\));$/gm;
  const names = new Set();
  const late = code.replace(declaration, (line, indent, name, expression, a, b) => {
    const outside = a ?? b; // neither: a CommonJS package within the bundle
    if (outside !== undefined && !outside.startsWith('node:') && !external.some((one) => outside === one || outside.startsWith(`${one}/`))) return line;
    names.add(name);
    return `${indent}var ${name}$late, ${name}$load = () => ${name}$late ??= ${expression};`;
  });
  return names.size === 0 ? code : late.replace(/\bimport_[\w$]+/g, (name) => (names.has(name) ? `(${name}$load())` : name));
}

/** Another Millwright may be reading the old file at this moment, so that it is replaced as a whole. */
async function replaceFile(path, contents) {
  const temporary = `${path}.${process.pid}.new`;
  await writeFile(temporary, contents);
  await rename(temporary, path);
}

/** The two HTML files; all script and style is in files, as the content security policy wants. */
async function writePages() {
  for (const { out, entry, title } of pages) {
    if (!existsSync(join(root, entry))) continue;
    const css = existsSync(join(dist, 'page', `${out}.css`)) ? `\n<link rel="stylesheet" href="./${out}.css">` : '';
    const icon = existsSync(join(root, 'resources/icons/icon.svg')) ? '\n<link rel="icon" href="./icon.svg">' : '\n<link rel="icon" href="data:,">';
    await replaceFile(join(dist, 'page', `${out}.html`), `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>${icon}${css}
</head>
<body>
<div id="root"></div>
<script type="module" src="./${out}.js"></script>
</body>
</html>
`);
  }
  if (existsSync(join(root, 'resources/icons/icon.svg'))) await copyFile(join(root, 'resources/icons/icon.svg'), join(dist, 'page', 'icon.svg'));
}

/** What installation qualification compares with: each file of the program but the source maps, by its path below dist/. */
async function listFiles(written) {
  const pageFiles = await readdir(join(dist, 'page')).catch(() => []);
  const paths = [...new Set([...written, ...pageFiles.filter((name) => name.endsWith('.html')).map((name) => join(dist, 'page', name))])].filter((path) => !path.endsWith('.map')).sort((a, b) => (a < b ? -1 : 1));
  return Object.fromEntries(await Promise.all(paths.map(async (path) => {
    const bytes = await readFile(path);
    return [relative(dist, path).replaceAll('\\', '/'), { sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }];
  })));
}

/** The launchers, and the code caches that they read; a cache that cannot be made is left out, and the program starts a little slower. */
async function writeLaunchers(written) {
  for (const { out, warmUp, flags = [] } of programs) {
    const program = join(dist, `${programOf(out)}.cjs`), cache = join(dist, `${out}.cache`);
    if (!warmUp || !written.has(program)) continue;
    await replaceFile(join(dist, `${out}.cjs`), launcherOf(basename(program), basename(cache)));
    written.add(join(dist, `${out}.cjs`));
    const fresh = `${cache}.${process.pid}.new`;
    const { status } = spawnSync(process.execPath, [...flags, join(root, 'scripts/codeCache.mjs'), program, fresh, ...warmUp], { stdio: 'ignore' });
    if (status !== 0 || !existsSync(fresh)) continue;
    await rename(fresh, cache);
    written.add(cache);
  }
}

/** What is bundled into the serving runtime, with licences: its image carries them. */
async function writeServingPackages(metafiles) {
  const output = metafiles.flatMap(({ outputs }) => Object.entries(outputs)).find(([name]) => name.endsWith('/serving.cjs'))?.[1];
  if (!output) return;
  const names = new Set(Object.keys(output.inputs).map((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]).filter(Boolean));
  const packages = await Promise.all(Array.from(names).sort((a, b) => (a < b ? -1 : 1)).map(async (name) => {
    const folder = join(root, 'node_modules', name);
    const { version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const file = (await readdir(folder)).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
    return { name, version, licence: license ?? 'unknown', text: file ? await readFile(join(folder, file), 'utf8') : '' };
  }));
  await replaceFile(join(dist, 'serving.packages.json'), `${JSON.stringify(packages, null, 1)}\n`);
}

/** Builds everything that exists; throws when something does not compile. */
export async function buildAll({ watch = false } = {}) {
  const { build, context } = await import('esbuild');
  const list = await configurations();
  await mkdir(dist, { recursive: true });
  if (watch) {
    const contexts = await Promise.all(list.map((options) => context({ ...options, logLevel: 'info', plugins: [{ name: 'pages', setup: (steps) => { steps.onEnd(() => (options.platform === 'browser' ? writePages() : undefined)); } }] })));
    await Promise.all(contexts.map((one) => one.watch()));
    return [];
  }
  const startedAt = new Date();
  const settled = await Promise.allSettled(list.map((options) => build({ ...options, write: false })));
  const results = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const written = new Set();
  const compact = new Set(programs.filter((one) => one.compact).map(({ out }) => join(dist, `${out}.cjs`)));
  const late = (await externalPackages()).filter((name) => name !== 'electron');
  // A cache tells its program by length only, so that the old one goes before the new program comes.
  for (const { out } of programs) await rm(join(dist, `${out}.cache`), { force: true });
  for (const { path, contents, text } of results.flatMap(({ outputFiles }) => outputFiles)) {
    await mkdir(dirname(path), { recursive: true });
    await replaceFile(path, path.endsWith('.cjs') ? loadLate(compact.has(path) ? text : lateConstants(text, schemaMakers), late) : contents);
    written.add(path);
  }
  await writeLaunchers(written);
  await writeServingPackages(results.map(({ metafile }) => metafile));
  const failed = settled.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason; // what did compile is written, so that a broken page does not stop the command line
  await writePages();
  for (const name of await readdir(join(dist, 'page')).catch(() => [])) {
    const path = join(dist, 'page', name);
    if (/\.(js|css|map|woff2?)$/.test(name) && !written.has(path)) await rm(path, { force: true });
  }
  const files = await listFiles(written);
  await replaceFile(join(dist, 'build.json'), `${JSON.stringify({ builtAt: new Date().toISOString(), files, outputs: Object.fromEntries(results.flatMap(({ metafile }) => Object.entries(metafile.outputs).filter(([name]) => !name.endsWith('.map')).map(([name, { bytes }]) => [relative(dist, join(root, name)), bytes]))) }, null, 1)}\n`);
  await utimes(join(dist, 'build.json'), startedAt, startedAt); // an edit during the build is newer than the build
  return results;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const watch = process.argv.includes('--watch');
  const start = Date.now();
  try {
    await buildAll({ watch });
    if (!watch) console.error(`Built dist/ in ${((Date.now() - start) / 1000).toFixed(1)} s.`);
  } catch (error) {
    console.error(error instanceof Error && 'errors' in error ? `The build failed with ${error.errors.length} errors.` : error);
    process.exitCode = 4;
  }
}
