// What everyone may ask without a key: probes have none, and it tells nothing but whether the server serves.
export const openRoutes: ReadonlySet<string> = new Set(['/v2/health/live', '/v2/health/ready', '/ping']);
/** The same over gRPC. */
export const openCalls: ReadonlySet<string> = new Set(['/grpc.health.v1.Health/Check', '/grpc.health.v1.Health/Watch', '/inference.GRPCInferenceService/ServerLive', '/inference.GRPCInferenceService/ServerReady']);
