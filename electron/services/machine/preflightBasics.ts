// Checks of what a station cannot do without: runtime, folders, memory, disk, engine, drivers.
import { rowsOf, sayBytes, type Check } from './preflightRows.ts';

const gib = 1024 ** 3;

const runtime: Check = ({ runtimeFailure, providers }) => {
  const { pass, fail } = rowsOf('runtime', 'ONNX Runtime', 'Without the runtime no model can be run, measured or quantized.');
  if (runtimeFailure !== null) return fail(`The runtime does not load: ${runtimeFailure}`, 'Install Millwright again for this system; on Windows install the Microsoft Visual C++ runtime.');
  return pass(`The runtime loads in a process of its own and offers ${providers.filter(({ available }) => available).map(({ name }) => name).join(', ')}.`);
};

const dataFolder: Check = ({ dataDir, dataFailure }) => {
  const { pass, fail } = rowsOf('data-folder', 'Data folder', 'Models, seals, results and the audit trail are kept there.');
  if (dataFailure === null) return pass(`${dataDir} can be written.`);
  const why = { EROFS: 'its disk is mounted read-only', EACCES: 'this user may not write there', EPERM: 'this user may not write there', ENOSPC: 'its disk is full', EDQUOT: 'the quota is used up', ENOENT: 'it does not exist' }[dataFailure] ?? `the system answers ${dataFailure}`;
  return fail(`${dataDir} cannot be written: ${why}.`, 'Choose another folder with --data-dir, or change its permissions.');
};

const diskSpace: Check = ({ disks, platform }) => {
  const { pass, warn, fail, unknown } = rowsOf('disk', 'Free disk space', 'Evidence, models and container images need room; a full disk stops a run half-way.');
  const disk = disks.find(({ holdsData }) => holdsData);
  if (disk === undefined) return unknown('The disk of the data folder was not found.');
  const said = `${sayBytes(disk.availableBytes)} free on ${disk.mount}.`;
  const command = platform === 'win32' ? null : `df -h "${disk.mount}"`;
  if (disk.availableBytes < 0.5 * gib) return fail(said, 'Free at least 0.5 GiB, or keep the data elsewhere with --data-dir.', command);
  if (disk.availableBytes < 5 * gib) return warn(said, 'Free 5 GiB or more before images are built.', command);
  return pass(said);
};

const memory: Check = ({ memory: { availableBytes }, limits }) => {
  const { pass, warn, fail } = rowsOf('memory', 'Free memory', 'Calibration and several models at once need memory; too little ends a process in the middle of its work.');
  const left = limits.memoryBytes === null ? availableBytes : Math.min(availableBytes, limits.memoryBytes - (limits.memoryUsedBytes ?? 0));
  const said = `${sayBytes(left)} can be used${left < availableBytes ? ', as the limit of this container or group leaves it' : ''}.`;
  if (left < 0.5 * gib) return fail(said, 'Close other programs, or raise the limit of the container.');
  if (left < 2 * gib) return warn(said, 'Close other programs before large models are quantized.');
  return pass(said);
};

const cgroupLimits: Check = ({ limits, cpu }) => {
  const { pass, warn, unknown } = rowsOf('limits', 'Limits on this process', 'Under a processor quota the kernel pauses the process: the 99th percentile of latency jumps although the mean looks well.');
  if (limits.cgroupVersion === null) return unknown('This system does not tell of limits.');
  const cpus = limits.cpuQuota ?? limits.cpuset;
  const parts = [
    ...(limits.cpuQuota === null ? [] : [`${Math.round(limits.cpuQuota * 100) / 100} of ${cpu.threads} processors by quota`]),
    ...(limits.cpuset === null ? [] : [`${limits.cpuset} of ${cpu.threads} processors by assignment`]),
    ...(limits.memoryBytes === null ? [] : [`${sayBytes(limits.memoryBytes)} of memory`]), ...(limits.pids === null ? [] : [`${limits.pids} processes`]),
  ];
  const throttled = limits.throttledShare ?? 0;
  if (throttled > 0.01) return warn(`The kernel held this process back in ${Math.round(throttled * 100)} of 100 periods (${parts.join(', ')}).`, 'Raise the quota, or use no more threads than the quota has processors.');
  if (cpus !== null && limits.cpuQuota !== null) return warn(`Limited to ${parts.join(', ')}.`, 'Use no more threads than the quota has processors, or assign whole processors instead.');
  return pass(parts.length === 0 ? `None${limits.inContainer ? ', inside a container' : ''}.` : `Limited to ${parts.join(', ')}.`);
};

const engine: Check = ({ containers, platform }) => {
  const { pass, warn } = rowsOf('container-engine', 'Container engine', 'Stations are served from containers. Quantizing, validating and evidence work without.');
  if (containers.available) return pass(containers.reason);
  const refused = containers.reason.includes('may not use');
  const stopped = containers.reason.includes('not running');
  if (platform === 'linux' && refused) return warn(containers.reason, 'Add this user to the group docker, then sign in again; members of it are as mighty as root.', 'sudo usermod -aG docker "$USER"');
  if (platform === 'linux' && stopped) return warn(containers.reason, 'Start the engine.', 'sudo systemctl start docker');
  if (containers.hint !== undefined) return warn(containers.reason, containers.hint);
  return warn(containers.reason, platform === 'linux' ? 'Install Docker or Podman from the system\'s packages, then detect again.' : 'Start Docker Desktop or the Podman machine, then detect again.', platform === 'linux' ? 'sudo apt-get install docker.io' : 'docker version');
};

const gpuDriver: Check = ({ gpus, nvidiaFailure, providers }) => {
  const { pass, warn } = rowsOf('gpu', 'Graphics processor', 'Without one, or without its driver, models run on the processor; small and quantized models do well there.');
  const bare = gpus.find(({ driver, source }) => driver === null && source === 'sysfs');
  if (nvidiaFailure !== null) return warn(`nvidia-smi failed: ${nvidiaFailure}`, 'Restart the machine; if it stays, install the NVIDIA driver again.', 'nvidia-smi');
  if (bare) return warn(`${bare.model} has no driver loaded.`, 'Install the vendor\'s driver and restart.', 'lspci -nnk -d ::0300');
  if (gpus.length === 0) return pass('None: models run on the processor.');
  const said = gpus.map(({ model, memoryTotalBytes }) => (memoryTotalBytes === null ? model : `${model} (${sayBytes(memoryTotalBytes)})`)).join(', ');
  const used = providers.filter(({ name, available }) => available && name !== 'cpu').map(({ name }) => name);
  return used.length > 0 ? pass(`${said}; usable through ${used.join(', ')}.`) : warn(`${said}, but the runtime here cannot use it: ${providers.find(({ name }) => name === 'cuda')?.reason ?? 'no provider for it.'}`, 'Serve the model in a container with a GPU engine, or install the runtime\'s GPU libraries.');
};

const openFiles: Check = ({ limits }) => {
  const { pass, warn, unknown } = rowsOf('open-files', 'Open files', 'Serving holds a file for each connection; at the limit new connections are refused.');
  if (limits.openFiles === null) return unknown('This system does not tell its limit.');
  if (limits.openFiles < 4096) return warn(`At most ${limits.openFiles} at once.`, 'Raise the limit before serving many clients.', 'ulimit -n 65536');
  return pass(`At most ${limits.openFiles} at once.`);
};

const temporary: Check = ({ tempExecutable }) => {
  const { pass, warn, unknown } = rowsOf('temp-folder', 'Temporary folder', 'Packaged consoles unpack native libraries there before they load them.');
  if (tempExecutable === null) return unknown('This system does not tell whether programs may run from it.');
  return tempExecutable ? pass('Programs and libraries may be run from it.') : warn('It is mounted noexec.', 'Point TMPDIR to a folder on another disk.', 'export TMPDIR="$HOME/.cache"');
};

const ports: Check = ({ takenPorts: taken }) => {
  const { pass, warn } = rowsOf('ports', 'Serving ports', 'Stations are served on 8080 (HTTP) and 8081 (gRPC) unless told otherwise.');
  return taken.length === 0 ? pass('8080 and 8081 are free.') : warn(`Another program listens on ${taken.join(' and ')}.`, 'Choose other ports with --port and --grpc-port.');
};

export const checkBasics: readonly Check[] = [runtime, dataFolder, diskSpace, memory, cgroupLimits, engine, gpuDriver, openFiles, temporary, ports];
