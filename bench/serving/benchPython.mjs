// The Python environments of the comparison, made once: the peers with what writes the models, and perf_analyzer, which wants older libraries.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

function made(name, witness, requirements) {
  const environment = resolve(here, '../../.build', name);
  if (!existsSync(join(environment, witness))) {
    execFileSync('python3', ['-m', 'venv', environment], { stdio: 'inherit' });
    execFileSync(join(environment, 'bin/python'), ['-m', 'pip', 'install', '--quiet', '-r', requirements], { stdio: 'inherit' });
  }
  return environment;
}

/** The path of the interpreter that has the peers. */
export const python = () => join(made('bench-serving', 'bin/litserve', join(here, 'requirements.txt')), 'bin/python');

/** The program and its environment: it is linked against NVIDIA's runtime library, which it needs on machines without a GPU too. */
export function perfAnalyzer() {
  const environment = made('bench-serving-client', 'bin/perf_analyzer', resolve(here, '../../test/peers/perfanalyzer.txt'));
  const [version] = readdirSync(join(environment, 'lib'));
  return { program: join(environment, 'bin/perf_analyzer'), env: { ...process.env, LD_LIBRARY_PATH: join(environment, 'lib', version, 'site-packages/nvidia/cuda_runtime/lib') } };
}
