// What a station is to serve, as tests need one: a single version.
import type { Deployment, DeploymentVersion } from '#shared/contract/serving';

export const fakeDeployment = ({ live = 'v1', ...version }: Partial<DeploymentVersion> & { readonly live?: string } = {}): Deployment => ({
  id: 'station-1', station: 'Line 1', slug: 'mw', desired: 'running', port: 8100, grpcPort: 8101, listen: '127.0.0.1', engine: null, revision: 1, live, previous: null, candidate: null, trial: null, hold: null, recorder: null, clients: null, tls: null, gatewayImageId: 'sha256:own', gatewayKey: 'k', gatewaySeals: true, swarm: null, operation: null,
  versions: [{
    id: live, number: Number(live.slice(1)), createdAt: '2026-01-02T03:04:05.000Z', modelId: null, modelName: 'model', servedName: 'model', modelSha256: '0'.repeat(64), imageId: 'sha256:engine', cpus: 1, memoryBytes: 1024 ** 3, gpus: false,
    engine: 'millwright', tuning: null, imageTag: null, notes: [], container: null, repository: null, modelPath: null, replicaPort: null, replicaGrpcPort: null, replicaSealed: false, prepared: null, ...version,
  }],
});
