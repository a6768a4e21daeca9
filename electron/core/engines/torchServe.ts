// TorchServe: a model archive (.mar), config.properties, and an entrypoint that hands signals on.
import type { EnginePlan, EngineRequest } from './EnginePlan.ts';

/**
 * The image's own script ends in `tail -f`, and the launcher of TorchServe starts Java as a child and waits: both keep SIGTERM to themselves, and leave
 * Java to be killed. Here Java takes the place of the launcher.
 */
const launcherText = `import os
import subprocess


def become(command, *others, **options):
    os.execvp(command[0], command)


subprocess.Popen = become

from ts.model_server import start

start()
`;

export function planTorchServe({ name, version, batching, threads }: EngineRequest & { readonly format: 'mar' }): EnginePlan {
  const models = { [name]: { [`${version}.0`]: { defaultVersion: true, marName: `${name}.mar`, minWorkers: 1, maxWorkers: 1, batchSize: batching?.maxBatch ?? 1, maxBatchDelay: Math.max(1, Math.round(batching?.maxDelayMs ?? 1)), responseTimeout: 120 } } };
  const properties = [
    'inference_address=http://0.0.0.0:8080', 'management_address=http://127.0.0.1:8081', 'metrics_address=http://0.0.0.0:8082',
    'grpc_inference_address=0.0.0.0', 'grpc_inference_port=7070', 'grpc_management_address=127.0.0.1', 'grpc_management_port=7071',
    'model_store=/models', `models=${JSON.stringify(models)}`, 'default_workers_per_model=1', 'job_queue_size=64', 'max_request_size=67108864', 'max_response_size=67108864',
    'metrics_mode=prometheus', 'disable_token_authorization=true', 'enable_model_api=false', 'enable_envvars_config=false', `number_of_netty_threads=${threads ?? 2}`,
  ];
  return {
    engine: 'torchserve',
    entrypoint: ['python', '-c', launcherText],
    command: ['--start', '--foreground', '--ncs', '--disable-token-auth', '--model-store', '/models', '--ts-config', '/models/config.properties', '--models', `${name}=${name}.mar`],
    env: { LOG_LOCATION: '/tmp/logs', METRICS_LOCATION: '/tmp/logs', TEMP: '/tmp' }, mountAt: '/models', writable: ['/tmp', '/home/model-server/tmp', '/home/model-server/logs'],
    files: [{ path: 'config.properties', text: `${properties.join('\n')}\n` }, { path: `${name}.mar`, model: true }],
    ports: { http: 8080, grpc: 7070, metrics: 8082 },
    // Its /ping says "Healthy" while the model is still being loaded, and also when it never will be; a worker that has loaded it tells how long that took.
    live: { path: '/ping', holds: 'Healthy' }, ready: { path: '/metrics', holds: 'WorkerLoadTime{', port: 8082 }, metricsPath: '/metrics', closedPaths: ['/models'],
    user: null, workingDir: null, sharedMemoryBytes: null, stopGraceS: 30,
    findings: [{ id: 'ENGINE_DROPS_REQUESTS', severity: 'warning', place: 'torchserve', message: 'TorchServe cuts off requests under way when it is stopped.', remedy: 'Change versions through the gateway of the station, which waits until the old one is idle.' }, { id: 'ENGINE_UNMAINTAINED', severity: 'warning', place: 'torchserve', message: 'TorchServe is no longer maintained and gets no security patches.', remedy: 'Export the model to ONNX and serve it with Millwright.' }],
  };
}
