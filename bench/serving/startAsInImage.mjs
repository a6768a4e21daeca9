// Starts the serving runtime with the memory bounds and the environment of the image. Reads them from the sources: run the bench with the Node of the container, which reads TypeScript.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { allocatorEnv, nodeArguments } from '../../electron/core/images/startFlags.ts';

const program = fileURLToPath(new URL('../../dist/serving.cjs', import.meta.url));

export const startAsInImage = (modelDir, port, grpcPort) => spawn(
  process.execPath, [...nodeArguments, program, 'serve', '--model-dir', modelDir, '--host', '127.0.0.1', '--port', String(port), '--grpc-port', String(grpcPort), '--threads', '1'],
  { stdio: 'ignore', detached: true, env: { ...process.env, ...allocatorEnv, NODE_ENV: 'production', ORT_DISABLE_TELEMETRY: '1' } },
);
