// The first thing that runs: quantizing needs a worker in any case, and its start takes as long as that of the command line itself.
import { join } from 'node:path';
import { startEarly } from '#services/workers/forkWorker';
import { labEnv } from '#services/workers/labEnv';

const words = process.argv.slice(2);
const [command] = words.filter((word) => !word.startsWith('-'));
if (command === 'quantize' && !words.some((word) => word === '--help' || word === '-h')) startEarly(join(__dirname, 'worker.cjs'), labEnv); // only runs bundled, in dist/
