// The limit: the same model in process, without any server. Prints runs a second and processor time of a run.
import { createRequire } from 'node:module';

process.env.ORT_DISABLE_TELEMETRY = '1';
const ort = createRequire(import.meta.url)('onnxruntime-node');
const [path, dims, seconds] = [process.argv[2], JSON.parse(process.argv[3]), Number(process.argv[4])];
const session = await ort.InferenceSession.create(path, { intraOpNumThreads: 1 });
const feeds = () => ({ x: new ort.Tensor('float32', data, dims) });
const data = new Float32Array(dims.reduce((product, size) => product * size, 1)).fill(0.5);
for (let run = 0; run < 100; run++) await session.run(feeds());
const cpu = process.cpuUsage();
const start = performance.now();
let runs = 0;
for (; performance.now() - start < seconds * 1000; runs++) await session.run(feeds());
const wall = (performance.now() - start) / 1000;
const { user, system } = process.cpuUsage(cpu);
console.log(JSON.stringify({ perSecond: runs / wall, cpuUs: (user + system) / runs }));
process.exit(0);
