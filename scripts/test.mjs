// npm test: sets up, then runs types, lint, layer rules, unit, contract and end-to-end tests; ends on one line of counts and the list of what was skipped, with reasons.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { setUp } from './setup.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);
const skipsFail = process.env.MILLWRIGHT_SKIPS_FAIL === '1';
const only = process.argv.slice(2);

/** @param {string} bin @param {string[]} args @returns {Promise<number>} */
function run(bin, args) {
  return new Promise((done) => {
    const child = spawn(process.execPath, [bin, ...args], { stdio: 'inherit', env: { ...process.env, ORT_DISABLE_TELEMETRY: '1', NO_UPDATE_NOTIFIER: '1' } });
    child.on('error', () => done(1));
    child.on('exit', (code) => done(code ?? 1));
  });
}

/** Why a test failed, in at most a dozen lines below its name: the end of a long log is often all that is kept of it. @param {{ failureMessages: string[] }} test */
function reasonOf({ failureMessages: [message = ''] }) {
  const lines = stripVTControlCharacters(message).split('\n').filter((line) => line.trim() !== '' && !/node_modules/.test(line));
  return lines.slice(0, 12).map((line) => `\n      ${line.slice(0, 240)}`).join('');
}

await setUp();
mkdirSync('.build', { recursive: true });

const checks = [
  { name: 'types', bin: 'node_modules/typescript/bin/tsc', args: ['-b'] },
  { name: 'lint', bin: 'node_modules/oxlint/bin/oxlint', args: ['--type-aware', '.'] },
  { name: 'layers', bin: 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs', args: ['--config', '.dependency-cruiser.cjs', 'shared', 'electron', 'renderer'] },
];
let passed = 0;
const failures = [];
const skipped = [];
for (const check of checks.filter(({ name }) => only.length === 0 || only.includes(name))) {
  console.log(`\n== ${check.name}`);
  if (await run(check.bin, check.args) === 0) passed += 1;
  else failures.push(check.name);
}

// Two files at a time also where there are two processors: contract tests wait for other programs half of the time. End-to-end tests take turns (vitest.config.ts).
const workers = String(Math.max(2, cpus().length - 1));
const projects = ['unit', 'contract', 'e2e'].filter((name) => only.length === 0 || only.includes(name));
for (const project of projects) {
  console.log(`\n== ${project} tests`);
  const file = join('.build', `vitest-${project}.json`);
  rmSync(file, { force: true });
  const code = await run('node_modules/vitest/vitest.mjs', ['run', '--project', project, '--reporter', 'default', '--reporter', 'json', '--outputFile.json', file, '--passWithNoTests', ...(project === 'e2e' ? [] : ['--maxWorkers', workers])]);
  let report;
  try { report = JSON.parse(readFileSync(file, 'utf8')); } catch { failures.push(`${project}: the runner ended with code ${code} and no report`); continue; }
  let counted = 0;
  for (const suite of report.testResults) {
    if (suite.assertionResults.length === 0 && suite.status === 'failed') { failures.push(`${project}: ${suite.name.replace(root, '.')}`); counted += 1; }
    for (const test of suite.assertionResults) {
      if (test.status === 'passed') passed += 1;
      else if (test.status === 'failed') { failures.push(`${project}: ${test.fullName}${reasonOf(test)}`); counted += 1; }
      else skipped.push(`${project}: ${test.fullName}`);
    }
  }
  // An error outside any test (an unhandled rejection, say) fails the run but no single test.
  if (code !== 0 && counted === 0) failures.push(`${project}: the runner ended with code ${code}`);
}

if (skipped.length > 0) console.log(`\nSkipped:\n${skipped.map((name) => `  - ${name}`).join('\n')}`);
if (skipsFail) failures.push(...skipped.splice(0).map((name) => `skipped: ${name}`));
if (failures.length > 0) console.log(`\nFailed:\n${failures.map((name) => `  - ${name}`).join('\n')}`);
console.log(`\n${passed} passed, ${failures.length} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`);
process.exit(failures.length > 0 || passed === 0 ? 1 : 0);
