// The execution providers of the runtime that people ask for, each available here or with the reason why not.
import type { MachineReport } from '#shared/contract/machine';
import type { GpuFacts } from './probes/gpus.ts';

type Provider = MachineReport['providers'][number];

export interface ProviderFacts {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  readonly gpus: readonly Pick<GpuFacts, 'vendor' | 'driver'>[];
  /** What the runtime lists; null when it could not be asked. */
  readonly backends: readonly { readonly name: string; readonly bundled: boolean }[] | null;
  /** Why the runtime could not be asked. */
  readonly failure: string;
}

/** The order of the list is the order shown: what always works first. */
const known = ['cpu', 'cuda', 'tensorrt', 'dml', 'coreml', 'openvino', 'webgpu'] as const;
type Known = (typeof known)[number];

export function explainProviders(facts: ProviderFacts): Provider[] {
  const { backends, failure } = facts;
  if (backends === null) return known.map((name) => ({ name, available: false, reason: `The runtime could not be asked: ${failure}` }));
  const others = backends.filter(({ name }) => !known.some((one) => one === name)).map(({ name, bundled }) => ({ name, available: bundled, reason: bundled ? 'Bundled with the runtime.' : 'Its libraries are not installed.' }));
  return [...known.map((name) => explain(name, facts)), ...others];
}

function explain(name: Known, { platform, arch, gpus, backends }: ProviderFacts): Provider {
  const bundled = backends?.find((backend) => backend.name === name)?.bundled;
  const no = (reason: string): Provider => ({ name, available: false, reason });
  const yes = (reason: string): Provider => ({ name, available: true, reason });
  const nvidia = gpus.find(({ vendor }) => vendor === 'NVIDIA');
  switch (name) {
    case 'cpu': return bundled === true ? yes('Bundled with the runtime; runs every model.') : no('The runtime was built without it.');
    case 'cuda': case 'tensorrt':
      if (platform === 'darwin') return no('NVIDIA has no driver for macOS.');
      if (nvidia === undefined) return no('No NVIDIA GPU was found.');
      if (nvidia.driver === null) return no('An NVIDIA GPU was found, but its driver is not loaded.');
      if (bundled === undefined) return no(`The runtime for ${platform} on ${arch} has no ${name === 'cuda' ? 'CUDA' : 'TensorRT'} support.`);
      return bundled ? yes('Bundled with the runtime.') : no(`The runtime's ${name === 'cuda' ? 'CUDA' : 'TensorRT'} libraries are not installed on this machine.`);
    case 'dml': return platform !== 'win32' ? no('DirectML is a part of Windows only.') : bundled !== true ? no('The runtime here was built without DirectML.') : gpus.length === 0 ? no('No GPU was found.') : yes('Bundled with the runtime for Windows.');
    case 'coreml': return platform !== 'darwin' ? no('Core ML is a part of macOS only.') : bundled === true ? yes('Bundled with the runtime for macOS.') : no('The runtime here was built without Core ML.');
    case 'openvino': return bundled === true ? yes('Bundled with the runtime.') : no('The runtime here was built without OpenVINO; the OpenVINO model server in a container can serve the model instead.');
    case 'webgpu': return bundled !== true ? no('The runtime here was built without WebGPU.') : gpus.length === 0 ? no('Bundled with the runtime, but no GPU was found.') : yes('Bundled with the runtime; not tried on this GPU yet.');
  }
}
