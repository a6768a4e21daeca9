// What the console tells a station's gateway: which versions there are, which one is live, and who else sees traffic.
import { z } from 'zod';
import { healthProbeSchema } from './engines.ts';

const targetIdSchema = z.string().min(1).max(64).regex(/^[\w.-]+$/);

/** One of several places where the same version is served. */
export const gatewayReplicaSchema = z.object({
  /** For people: the node that it runs on. */
  name: z.string().min(1).max(200), host: z.string().min(1), httpPort: z.number().int().min(1).max(65535),
  /** Null where this version was deployed before replicas served gRPC. */
  grpcPort: z.number().int().min(1).max(65535).nullable().default(null),
  /** Its connections are encrypted and proven with the key of the target; false for what was deployed before there was that. */
  sealed: z.boolean().default(false),
});
export type GatewayReplica = z.infer<typeof gatewayReplicaSchema>;

export const gatewayTargetSchema = z.object({
  /** The version that answers there. */
  id: targetIdSchema,
  host: z.string().min(1), httpPort: z.number().int().min(1).max(65535),
  /** Null where this version serves no gRPC. */
  grpcPort: z.number().int().min(1).max(65535).nullable().default(null),
  /** Of another engine than ours: what it answers when it can serve (status 200, and this text where one is named). */
  ready: healthProbeSchema.optional(),
  /** Where its own figures are. */
  metrics: z.object({ port: z.number().int().min(1).max(65535), path: z.string().startsWith('/') }).optional(),
  /** Beginnings of paths that manage the engine and are nobody's business outside. */
  closedPaths: z.array(z.string().startsWith('/')).max(32).optional(),
  /** Places where it may run, on several hosts; in their stead `host` counts for nothing. Who runs is found by asking. */
  replicas: z.array(gatewayReplicaSchema).min(1).max(64).optional(),
  /** What the replicas want to be shown, for their ports are open to the network between the hosts. */
  key: z.string().min(16).max(200).optional(),
});
export type GatewayTarget = z.infer<typeof gatewayTargetSchema>;

/** The flight recorder: the last inferences, with their answers, in the gateway's memory. */
export const recorderWishSchema = z.object({ /** So many at the most. */ entries: z.number().int().min(1).max(2000).default(200), /** Of the requests; failed ones are kept in any case. */ percent: z.number().gt(0).max(100).default(100) });
export type RecorderWish = z.infer<typeof recorderWishSchema>;
export const usualRecorder: RecorderWish = recorderWishSchema.parse({});

/** A client that may ask, known by the key that it shows as bearer token. The key itself is with the client only. */
export const gatewayClientSchema = z.object({ name: z.string().min(1).max(80), /** SHA-256 of the key, in hex. */ sha256: z.string().regex(/^[0-9a-f]{64}$/) });

/** Certificates and key in PEM. */
export const gatewayTlsSchema = z.object({ cert: z.string().min(1).max(65_536), key: z.string().min(1).max(65_536), /** Clients must show a certificate that it has signed; null: no certificate is asked for. */ clientCa: z.string().min(1).max(65_536).nullable().default(null) });
export type GatewayTls = z.infer<typeof gatewayTlsSchema>;

export const gatewayConfigSchema = z.object({
  /** Rises with each change; an older one is refused. */
  revision: z.number().int().min(1),
  station: z.string().min(1).max(120),
  targets: z.array(gatewayTargetSchema).min(1).max(16),
  live: targetIdSchema,
  /** The last approved version: takes over while the chosen one does not answer or its breaker is open. */
  fallback: targetIdSchema.nullable().default(null),
  /** A share of the requests goes to this version; with a key header the same key always sees the same version. */
  canary: z.object({ target: targetIdSchema, percent: z.number().min(0).max(100), keyHeader: z.string().regex(/^[a-z0-9-]+$/).nullable().default(null) }).nullable().default(null),
  /** Sees a copy of a share of the requests; its answers are compared and never sent on. */
  shadow: z.object({ target: targetIdSchema, percent: z.number().min(0).max(100), tolerance: z.number().min(0).default(1e-3) }).nullable().default(null),
  /** Acceptance stop: nothing is answered until a person lifts it. */
  stopped: z.object({ reason: z.string().min(1).max(500), since: z.string() }).nullable().default(null),
  breaker: z.object({ failures: z.number().int().min(1).default(5), openMs: z.number().int().min(100).default(10_000) }).default({ failures: 5, openMs: 10_000 }),
  /** Sequences are kept in the model: a request that may have arrived is not sent again. */
  stateful: z.boolean().default(false),
  /** Null: nothing of what clients send is kept. */
  recorder: recorderWishSchema.nullable().default(null),
  /** Who may ask; null: whoever reaches the address. */
  clients: z.array(gatewayClientSchema).max(200).nullable().default(null),
  /** Null: unencrypted. */
  tls: gatewayTlsSchema.nullable().default(null),
  maxBodyBytes: z.number().int().min(1024).default(64 * 1024 ** 2),
  timeoutMs: z.number().int().min(100).default(60_000),
}).superRefine((config, context) => {
  const known = new Set(config.targets.map(({ id }) => id));
  const named = { live: config.live, fallback: config.fallback, canary: config.canary?.target ?? null, shadow: config.shadow?.target ?? null };
  for (const [role, id] of Object.entries(named)) if (id !== null && !known.has(id)) context.addIssue({ code: 'custom', path: [role], message: `${id} is not among the targets` });
});
export type GatewayConfig = z.infer<typeof gatewayConfigSchema>;

export const breakerStates = ['closed', 'open', 'half-open'] as const;

/** Inferences of one version in the last so many seconds, copies for the shadow included; times are those of what was answered. */
export const recentFiguresSchema = z.object({ seconds: z.number(), requests: z.number(), failed: z.number(), p50Ms: z.number().nullable(), p99Ms: z.number().nullable() });
export type RecentFigures = z.infer<typeof recentFiguresSchema>;

export const shadowDifferenceSchema = z.object({ at: z.string(), requestId: z.string(), path: z.string(), reason: z.string() });

export const replicaStatusSchema = z.object({ name: z.string(), ready: z.boolean(), /** Since when it is, or is not. */ since: z.string(), inFlight: z.number(), answered: z.number(), failed: z.number(),
  /** Whether calls of gRPC are carried there; a gateway of an earlier release carries none. */
  grpc: z.boolean().default(false) });

export const recordSummarySchema = z.object({
  /** Rises by one with each request that is kept; never given again while the gateway runs. */
  seq: z.number().int().min(1), at: z.string(), requestId: z.string(), path: z.string(),
  /** The version that answered; null where none did. */
  version: z.string().nullable(),
  /** Whose key was shown; null where none is asked for. */
  client: z.string().nullable().default(null),
  /** As the client saw it; 499 where it went away before. */
  status: z.number().int(), durationMs: z.number(), questionBytes: z.number().int(), answerBytes: z.number().int(),
  /** False where a body was too large to be kept, or the answer was cut off. */
  whole: z.boolean(),
});
export type RecordSummary = z.infer<typeof recordSummarySchema>;
/** Kept apart from the others, and never replayed. */
export const isFailure = (status: number): boolean => status >= 400;

const messageSchema = z.object({ /** Without what proves who asks. */ headers: z.record(z.string(), z.string()), /** Base64. */ body: z.string().nullable() });
export const recordSchema = recordSummarySchema.extend({ method: z.string(), question: messageSchema, answer: messageSchema.nullable() });
export type GatewayRecord = z.infer<typeof recordSchema>;

export const recorderStatusSchema = recorderWishSchema.extend({ kept: z.number().int(), failuresKept: z.number().int(), bytes: z.number(), /** Requests since it was turned on, kept or not. */ seen: z.number().int(), oldestAt: z.string().nullable() });
export type RecorderStatus = z.infer<typeof recorderStatusSchema>;

/** A recorded request is asked again, of one version, and the two answers are compared. */
export const replayOrderSchema = z.object({ target: targetIdSchema, tolerance: z.number().min(0).default(1e-3), seq: z.number().int().min(1) });
export const replayOutcomes = ['same', 'different', 'failed'] as const;
export const replayedSchema = z.object({ seq: z.number().int(), outcome: z.enum(replayOutcomes), /** The first difference, or why it was not answered; null where they agree. */ reason: z.string().nullable(), decisionChanged: z.boolean(), durationMs: z.number() });
export type Replayed = z.infer<typeof replayedSchema>;

/** What the gateway has seen of its clients since it started. */
export const admissionStatusSchema = z.object({ clients: z.array(z.object({ name: z.string(), asked: z.number().int(), lastAt: z.string() })), /** Requests that were turned away for want of a key, a certificate or encryption. */ refused: z.number().int(), lastRefusedAt: z.string().nullable() });
export type AdmissionStatus = z.infer<typeof admissionStatusSchema>;

export const gatewayStatusSchema = z.object({
  revision: z.number(), station: z.string(), live: z.string(), stopped: z.object({ reason: z.string(), since: z.string() }).nullable(),
  targets: z.array(z.object({ id: z.string(), inFlight: z.number(), answered: z.number(), failed: z.number(), breaker: z.enum(breakerStates), /** Null from a gateway of an earlier release. */ recent: recentFiguresSchema.nullable().default(null),
    /** Empty where the version runs in one place only. */
    replicas: z.array(replicaStatusSchema).default([]) })),
  shadow: z.object({ same: z.number(), different: z.number(), decisionsChanged: z.number(), failed: z.number(), skipped: z.number(), differences: z.array(shadowDifferenceSchema) }),
  /** Null where it is off, and left out by a gateway of an earlier release, which has none. */
  recorder: recorderStatusSchema.nullable().optional(),
  /** Told to who has the gateway's key only; a gateway of an earlier release lets everyone in and has none. */
  admission: admissionStatusSchema.optional(),
});
export type GatewayStatus = z.infer<typeof gatewayStatusSchema>;
