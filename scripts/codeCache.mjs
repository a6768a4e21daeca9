// Programs that start often carry V8's compiled form beside them: it saves a third of the start. The launcher that esbuild's file is exchanged for reads both.
// Usage, by the build: node [flags] scripts/codeCache.mjs PROGRAM.cjs CACHE, which runs the program once and stores what was compiled.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

/** Parameters of the function that CommonJS wraps a file in. */
const parameters = ['exports', 'require', 'module', '__filename', '__dirname'];
const head = `(function (${parameters.join(', ')}) { `;
const tail = '\n})';

/** Read as Latin-1, which keeps a byte for each character: esbuild escapes all else but comments.
 * Another V8, other flags or a damaged cache: V8 refuses it, and the program is compiled as ever. */
export const launcherOf = (program, cache) => `'use strict';
const { readFileSync } = require('node:fs');
const filename = require('node:path').join(__dirname, ${JSON.stringify(program)});
let cachedData;
try { cachedData = readFileSync(require('node:path').join(__dirname, ${JSON.stringify(cache)})); } catch { /* compiled below */ }
new (require('node:vm').Script)(${JSON.stringify(head)} + readFileSync(filename, 'latin1') + ${JSON.stringify(tail)}, { filename, cachedData }).runInThisContext().call(exports, exports, require, module, filename, __dirname);
`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , program, cache, ...rest] = process.argv;
  const script = new Script(head + readFileSync(program, 'latin1') + tail, { filename: program });
  process.argv = [process.argv[0], program, ...rest];
  process.on('exit', () => writeFileSync(cache, script.createCachedData()));
  const module = { exports: {} };
  script.runInThisContext().call(module.exports, module.exports, createRequire(program), module, program, dirname(program));
}
