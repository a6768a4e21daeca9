// Starts the serving runtime with the memory bounds and the environment of the image. Reads them from the sources: run the bench with the Node of the container, which reads TypeScript.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { allocatorEnv, nodeArguments } from '../../electron/core/images/startFlags.ts';

const program = fileURLToPath(new URL('../../dist/serving.cjs', import.meta.url));

const start = (args, env) => spawn(process.execPath, [...nodeArguments, program, ...args], { stdio: 'ignore', detached: true, env: { ...process.env, ...allocatorEnv, NODE_ENV: 'production', ORT_DISABLE_TELEMETRY: '1', ...env } });

export const startAsInImage = (modelDir, port, grpcPort) => start(['serve', '--model-dir', modelDir, '--host', '127.0.0.1', '--port', String(port), '--grpc-port', String(grpcPort), '--threads', '1'], {});

/** In front of a server at `modelPort`, as a station has it. `more`: further orders. */
export const startGateway = (port, modelPort, more = {}) => start(['gateway'], { HOST: '127.0.0.1', PORT: String(port), GRPC_PORT: '', GATEWAY_KEY: 'bench', GATEWAY_CONFIG: JSON.stringify({ revision: 1, station: 'bench', live: 'v1', targets: [{ id: 'v1', host: '127.0.0.1', httpPort: modelPort }], ...more }) });
