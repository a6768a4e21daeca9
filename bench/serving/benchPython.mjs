// The Python environment of the comparison, made once: MLServer, and what writes the models.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

/** The path of its interpreter. */
export function python() {
  const environment = resolve(here, '../../.build/bench-serving');
  const program = join(environment, 'bin/python');
  if (!existsSync(join(environment, 'bin/mlserver'))) {
    execFileSync('python3', ['-m', 'venv', environment], { stdio: 'inherit' });
    execFileSync(program, ['-m', 'pip', 'install', '--quiet', '-r', join(here, 'requirements.txt')], { stdio: 'inherit' });
  }
  return program;
}
