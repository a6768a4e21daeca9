// Makes what the comparisons need and the project does not hold: a Python with the pinned reference, in .build/bench/python. Needs python3 with venv, and the network once.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, '.build/bench/python');
const requirements = join(root, 'bench/quantize/requirements.txt');

/** @param {string} command @param {string[]} args */
function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status ?? error?.message}`);
}

/** The interpreter with the reference: MILLWRIGHT_BENCH_PYTHON where it is set, else one that is set up here. */
export function referencePython() {
  if (process.env.MILLWRIGHT_BENCH_PYTHON) return process.env.MILLWRIGHT_BENCH_PYTHON;
  const python = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const stamp = join(folder, 'requirements.txt');
  const wanted = readFileSync(requirements, 'utf8');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
    run(process.platform === 'win32' ? 'python' : 'python3', ['-m', 'venv', folder]);
    run(python, ['-m', 'pip', 'install', '--quiet', '-r', requirements]);
    writeFileSync(stamp, wanted);
  }
  return python;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(referencePython());
