// Versions that the build writes into the bundle; from source they read as "development".
declare const MILLWRIGHT_VERSIONS: { readonly app: string; readonly onnxruntime: string };

export const versions: { readonly app: string; readonly onnxruntime: string } = typeof MILLWRIGHT_VERSIONS === 'undefined' ? { app: 'development', onnxruntime: 'development' } : MILLWRIGHT_VERSIONS;
