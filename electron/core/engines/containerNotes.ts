// What a person should know of a container of another engine: which part of our hardening it does not tolerate and why, and what it speaks.
import { engineFacts, inferPath, type EngineContainer, type EngineId } from '#shared/engines';
import type { Finding } from '#shared/finding';

/** `imageUser`: the user that the image names; empty where it names none, which is root. */
export function containerNotes(engine: EngineId, { user, writable, sharedMemoryBytes, ports }: EngineContainer, { model, imageUser }: { readonly model: string; readonly imageUser: string }): Finding[] {
  const { title, protocol } = engineFacts[engine];
  const runsAs = user ?? imageUser;
  const isRoot = /^(?:|0|root)(?::|$)/.test(runsAs);
  const scratch = writable.filter((folder) => folder !== '/tmp');
  const asOurs = runsAs.split(':')[0] === '65532';
  return [
    ...(asOurs ? [] : [isRoot
      ? { id: 'ENGINE_RUNS_AS_ROOT', severity: 'warning' as const, place: engine, message: `${title} runs as root, for its image names no other user; it still has no capability and a read-only disk.`, remedy: 'Ask the maker of the image for one with a user of its own.' }
      : { id: 'ENGINE_USER', severity: 'info' as const, place: engine, message: `${title} runs as user ${runsAs} instead of 65532, because its image keeps files for that user.` }]),
    { id: 'ENGINE_SCRATCH', severity: 'info', place: engine, message: `${['/tmp', ...scratch].join(', ')} can be written, in memory, up to half of its memory limit instead of 64 MiB, because it unpacks models and keeps figures there. All other hardening is as for Millwright's own.` },
    ...(sharedMemoryBytes === null ? [] : [{ id: 'ENGINE_SHARED_MEMORY', severity: 'info' as const, place: engine, message: `${title} gets ${Math.round(sharedMemoryBytes / 1024 ** 2)} MiB of shared memory, which it needs for GPUs.` }]),
    ...(protocol === 'oip' ? [] : [{ id: 'ENGINE_OWN_PROTOCOL', severity: 'info' as const, place: engine, message: `${title} does not speak the Open Inference Protocol: clients post to ${inferPath(engine, model)} at the station's address, and the gateway hands it on as it is.`, remedy: 'Snippets and the trial of a sample need an engine of the Open Inference Protocol.' }]),
    ...((engine === 'triton' || engine === 'mlserver') && ports.grpc !== null ? [{ id: 'ENGINE_GRPC_MANAGEMENT', severity: 'warning' as const, place: engine, message: `Over gRPC, programs on this machine can also load and unload models of ${title}; over HTTP the gateway refuses that.`, remedy: 'Let only trusted programs run on this machine, or serve with Millwright.' }] : []),
  ];
}
