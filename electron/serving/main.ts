// Entry of the serving bundle: `serve` or `gateway` in the main thread, an engine in each thread that `serve` starts. Each loads only its own half.
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import type { EngineSetup } from './engine/EngineMessages.ts';

const data = workerData as { readonly engine?: EngineSetup } | null; // given by startEngineThread, in a thread
if (isMainThread && process.argv[2] === 'gateway') void import('./gateway/gatewayProcess.ts').then(({ runGateway }) => runGateway(process.env, (line) => process.stdout.write(line))).then((code) => process.exit(code));
else if (isMainThread) void import('./runServeCommand.ts').then(({ runServeCommand }) => runServeCommand(process.argv.slice(2), __filename));
else if (parentPort && data?.engine) {
  const port = parentPort, { engine } = data;
  void import('./engine/engineThread.ts').then(({ runEngineThread }) => runEngineThread(port, engine));
}
