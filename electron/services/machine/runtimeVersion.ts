// The version of the runtime, as the build writes it into the bundle; from source it reads as "development".
declare const MILLWRIGHT_VERSIONS: { readonly onnxruntime: string };

export const runtimeVersion = (): string => (typeof MILLWRIGHT_VERSIONS === 'undefined' ? 'development' : MILLWRIGHT_VERSIONS.onnxruntime);
