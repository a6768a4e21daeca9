// Four rules that the compiler cannot hold: no cycle, no feature that imports another feature, a serving runtime without the console, no file that nobody imports.
module.exports = {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-feature-to-feature', severity: 'error', comment: 'What two features share belongs in renderer/ui or renderer/api.', from: { path: '^renderer/features/([^/]+)/' }, to: { path: '^renderer/features/([^/]+)/', pathNot: '^renderer/features/$1/' } },
    { name: 'serving-stays-alone', severity: 'error', comment: 'The container holds the runtime and nothing of the console.', from: { path: '^electron/serving/' }, to: { path: '^electron/', pathNot: '^electron/(serving/|core/|services/inference/|services/files/tlsFiles\\.ts$)' } },
    {
      name: 'no-orphan', severity: 'error',
      from: { orphan: true, pathNot: ['\\.test\\.tsx?$', '\\.d\\.ts$', 'tsconfig\\.json$', '^electron/(main/main|preload/preload|cli/main|serving/main|host/trial/main|services/workers/worker)\\.ts$', '^renderer/(app|gallery)/index\\.tsx$'] }, to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '\\.test\\.tsx?$|^dist|^\\.build' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json'], conditionNames: ['import', 'require', 'node', 'default'] },
  },
};
