// Serving: what a station runs on the container engine, what it is told to run, and how the two are kept the same.
import { z } from 'zod';
import { breakerStates, gatewayClientSchema, gatewayTlsSchema, recentFiguresSchema, recorderStatusSchema, recorderWishSchema, recordSummarySchema, shadowDifferenceSchema } from '../gateway.ts';
import { engineContainerSchema, engineIds, modelFormats } from '../engines.ts';
import { findingSchema } from '../finding.ts';
import { job, query, stream } from './operation.ts';
import { dataRefSchema, isoTimeSchema, modelRefSchema, reasonSchema, sha256Schema } from './references.ts';

/** A new version beside the live one: a canary answers a share of the requests, a shadow sees copies and its answers are only compared. */
export const trialSchema = z.object({
  kind: z.enum(['canary', 'shadow']), percent: z.number().min(0).max(100),
  /** Canary: requests with the same value in this header always see the same version. */
  keyHeader: z.string().regex(/^[a-z0-9-]{1,64}$/).nullable().default(null),
});
export type Trial = z.infer<typeof trialSchema>;
export const holdSchema = z.object({ reason: z.string().min(1).max(500), since: isoTimeSchema });

const engineChoiceSchema = z.enum(engineIds);

/** How our own runtime serves a model: so many sessions with so many threads each, and up to so many samples in one execution, for which the first waits at most so long. */
export const tuningSchema = z.object({ instances: z.number().int().min(1), threads: z.number().int().min(1), maxBatch: z.number().int().min(1), maxDelayMs: z.number().min(0) });
export type Tuning = z.infer<typeof tuningSchema>;
/** One place of the sweep, all sessions at work at once. */
export const advisedPointSchema = z.object({ instances: z.number(), threads: z.number(), batch: z.number(), samplesPerSec: z.number(), p50Ms: z.number(), p99Ms: z.number() });
export type AdvisedPoint = z.infer<typeof advisedPointSchema>;
export const servingAdviceSchema = z.object({
  /** Of model and processors. */
  id: z.string(), modelSha256: sha256Schema, cpus: z.number().int().min(1), takenAt: isoTimeSchema, machineFingerprint: z.string(), taktMs: z.number().nullable(),
  points: z.array(advisedPointSchema), chosen: tuningSchema,
  /** Sentences: why this, and why no batching where there is none. */
  because: z.array(z.string()),
});
export type ServingAdvice = z.infer<typeof servingAdviceSchema>;

export const versionViewSchema = z.object({
  /** "v3": also the name by which the gateway knows it. */
  id: z.string(), number: z.number().int().min(1), createdAt: isoTimeSchema,
  /** Null where another engine serves a file that is no ONNX model. */
  modelId: z.string().nullable(), modelName: z.string(), servedName: z.string(), modelSha256: sha256Schema, imageId: z.string(),
  cpus: z.number().positive(), memoryBytes: z.number().int().positive(), gpus: z.boolean(),
  engine: engineChoiceSchema.default('millwright'),
  /** As it was measured; null: one session with a thread for each processor, no batching. */
  tuning: tuningSchema.nullable().default(null),
  /** The name that the engine's image had when it was deployed; null for our own, or without a name. */
  imageTag: z.string().nullable().default(null),
  /** What of our hardening this engine does not tolerate, who listens where, and what else a person should know. */
  notes: z.array(findingSchema).default([]),
});
export type VersionView = z.infer<typeof versionViewSchema>;

/** What a model's own runtime must be told of it: how a picture becomes its input, in the words of dataset.yaml (null: nobody knows, and pictures are refused), and which output follows each state input. */
export const preparationSchema = z.object({ preprocess: z.record(z.string(), z.unknown()).nullable(), state: z.record(z.string(), z.string()).nullable(), /** In a station: only Millwright loads and unloads it, also where gRPC passes the gateway unseen. */ managed: z.boolean().optional() });
export type Preparation = z.infer<typeof preparationSchema>;

export const deploymentVersionSchema = versionViewSchema.extend({
  /** How another engine is started; null for our own runtime. */
  container: engineContainerSchema.nullable().default(null),
  /** The texts of its repository beside the model's own files, and the one path where those go. */
  repository: z.object({ format: z.enum(modelFormats), texts: z.array(z.object({ path: z.string(), text: z.string() })), modelAt: z.string() }).nullable().default(null),
  /** The file or folder of a model that is not in the registry. */
  modelPath: z.string().nullable().default(null),
  /** The port of its replicas, the same on every node; null on a single host. */
  replicaPort: z.number().int().nullable().default(null),
  /** The same for gRPC; null also for a version that was deployed before replicas served it. */
  replicaGrpcPort: z.number().int().nullable().default(null),
  /** Whether these ports open to the gateway's key only, and encrypted. */
  replicaSealed: z.boolean().default(false),
  /** As it was when this version was deployed; null for another engine, and for a version of an earlier release, which stays as it was made. */
  prepared: preparationSchema.nullable().default(null),
});
export type DeploymentVersion = z.infer<typeof deploymentVersionSchema>;

/** A station on several hosts: how many replicas, and the nodes of the Swarm that may have one. */
export const swarmWishSchema = z.object({
  replicas: z.number().int().min(1).max(64),
  /** What the gateway shows the replicas. */
  key: z.string(),
  nodes: z.array(z.object({ id: z.string(), name: z.string(), /** Where the gateway reaches it. */ address: z.string(), /** Its engine; null for the one that Millwright talks to. */ url: z.string().nullable() })),
});
export type SwarmWish = z.infer<typeof swarmWishSchema>;

/** Where a station listens that nobody opened to other machines. */
export const loopback = '127.0.0.1';

/** The desired state of a station's containers, as the store keeps it. */
export const deploymentSchema = z.object({
  /** That of the station. */
  id: z.string(), station: z.string(),
  /** Begins the names of everything that this station has on the engine. */
  slug: z.string(),
  desired: z.enum(['running', 'stopped', 'removed']),
  port: z.number().int(), grpcPort: z.number().int(),
  /** The address of the engine's machine at which they are published. */
  listen: z.string().default(loopback),
  /** The engine on another machine that has it, with the folder of its certificates; null for the one of this machine. */
  engine: z.object({ host: z.string(), certs: z.string().nullable() }).nullable().default(null),
  /** Rises with each order to the gateway. */
  revision: z.number().int().min(1),
  versions: z.array(deploymentVersionSchema),
  live: z.string(), previous: z.string().nullable(),
  /** Started beside the live one and not trusted yet. */
  candidate: z.string().nullable(),
  /** What the candidate sees until a person decides; null while it is only being started. */
  trial: trialSchema.nullable().default(null),
  /** Acceptance stop: nothing is answered until a person lifts it. */
  hold: holdSchema.nullable().default(null),
  /** The flight recorder of its gateway; null: nothing of what clients send is kept. */
  recorder: recorderWishSchema.nullable().default(null),
  /** Who may ask; null: whoever reaches the address. */
  clients: z.array(gatewayClientSchema.extend({ since: isoTimeSchema })).nullable().default(null),
  /** The certificate that its gateway shows; null: unencrypted. */
  tls: gatewayTlsSchema.nullable().default(null),
  gatewayImageId: z.string(), gatewayKey: z.string(),
  /** Whether its gateway knows sealed connections to replicas; one of an earlier release does not. */
  gatewaySeals: z.boolean().default(false),
  /** Null on a single host. */
  swarm: swarmWishSchema.nullable().default(null),
  /** Someone is changing this station just now; others leave it alone until then. */
  operation: z.object({ name: z.string(), owner: z.string(), until: isoTimeSchema }).nullable(),
});
export type Deployment = z.infer<typeof deploymentSchema>;

export const servingStates = ['serving', 'starting', 'degraded', 'failed', 'stopped', 'unknown'] as const;

export const servingViewSchema = z.object({
  stationId: z.string(), station: z.string(), desired: deploymentSchema.shape.desired,
  state: z.enum(servingStates),
  /** One sentence: why it is in this state. */
  reason: z.string(),
  /** What to do; empty where nothing is to be done. */
  hint: z.string(),
  port: z.number(), grpcPort: z.number(), address: z.string(), /** For gRPC: host and port. */ grpcAddress: z.string(), /** Ends the sentence "clients reach it …". */ reach: z.string(), /** On another machine: the address of its engine. */ engineHost: z.string().nullable(), live: z.string(), previous: z.string().nullable(), candidate: z.string().nullable(), operation: z.string().nullable(),
  trial: trialSchema.nullable(), hold: holdSchema.nullable(),
  versions: z.array(versionViewSchema),
  containers: z.array(z.object({
    name: z.string(), role: z.enum(['gateway', 'model']), version: z.string().nullable(), state: z.string(), startedAt: isoTimeSchema.nullable(),
    exitCode: z.number().nullable(), outOfMemory: z.boolean(), restarts: z.number(),
    /** Of a replica: the node that it runs on. */
    node: z.string().optional(),
  })),
  /** On several hosts: how many replicas answer, and what the Swarm says of each node. */
  swarm: z.object({
    replicas: z.number(), ready: z.number(), /** Whether the live version and the gateway, which stays that of the first deployment, carry gRPC. */ grpc: z.boolean(),
    nodes: z.array(z.object({ name: z.string(), address: z.string(), /** ready, down, … as Swarm names it. */ state: z.string(), /** active, pause or drain. */ availability: z.string(), /** Whether this station may run there. */ chosen: z.boolean(), /** Whether its replica answers the gateway. */ answers: z.boolean(), since: isoTimeSchema.nullable() })),
  }).optional(),
  /** As the gateway counts since it started; empty while it does not answer. */
  traffic: z.array(z.object({
    version: z.string(), inFlight: z.number(), answered: z.number(), failed: z.number(),
    /** Open: failed again and again, and is left alone for a while. */
    breaker: z.enum(breakerStates),
    /** The same last minutes for each version; null from a gateway of an earlier release. */
    recent: recentFiguresSchema.nullable(),
  })),
  /** How the shadow's answers compared so far; null without one. */
  shadow: z.object({
    same: z.number(), different: z.number(), decisionsChanged: z.number(), failed: z.number(),
    /** Copies left out so that the live version is not slowed down. */
    skipped: z.number(),
    /** The last of them, newest first. */
    differences: z.array(shadowDifferenceSchema),
  }).nullable(),
  /** What the flight recorder is told, and what it holds; `held` is null while the gateway does not answer, or is of an earlier release, which has none. Null where it is off. */
  recorder: recorderWishSchema.extend({ held: recorderStatusSchema.nullable() }).nullable(),
  /** Clients that have a key; null where whoever reaches the address may ask. What they asked is counted since the gateway started; null while it does not answer. */
  clients: z.array(z.object({ name: z.string(), since: isoTimeSchema, asked: z.number().int().nullable(), lastAt: isoTimeSchema.nullable() })).nullable(),
  /** Requests that were not let in since the gateway started; null without keys and certificate, or while it does not answer. */
  refused: z.object({ count: z.number().int(), lastAt: isoTimeSchema.nullable() }).nullable(),
  /** Null: unencrypted. */
  tls: z.object({ subject: z.string(), validTo: isoTimeSchema, /** Whether the certificate names the address that clients use. */ fitsAddress: z.boolean(), /** Clients must show one as well. */ clientCertificates: z.boolean() }).nullable(),
});
export type ServingView = z.infer<typeof servingViewSchema>;

export const replayReportSchema = z.object({
  stationId: z.string(), version: z.string(), live: z.string(), tolerance: z.number(),
  asked: z.number().int(), same: z.number().int(), different: z.number().int(), decisionsChanged: z.number().int(), failed: z.number().int(),
  /** Recorded without a body, or not answered with success then: nothing to compare with. */
  skipped: z.number().int(),
  p50Ms: z.number().nullable(), p99Ms: z.number().nullable(),
  /** The first of them, in the order of the requests. */
  differences: z.array(z.object({ seq: z.number().int(), at: isoTimeSchema, requestId: z.string(), reason: z.string(), decisionChanged: z.boolean() })),
});
export type ReplayReport = z.infer<typeof replayReportSchema>;

const stationSchema = z.object({ stationId: z.string() });
const actedOnSchema = stationSchema.extend({ reason: reasonSchema });
const nothingSchema = z.object({ stationId: z.string(), removed: z.array(z.string()), /** What stays on a node or an engine that does not answer, with what to do. */ left: z.array(z.string()).default([]) });

export const servingOperations = {
  'serving.list': query('List what is served', () => z.object({}), () => z.array(servingViewSchema)),
  'serving.show': query('Show what a station serves', () => stationSchema, () => servingViewSchema),
  /** The present state first, then each change. */
  'serving.watch': stream('Watch what is served', () => z.object({}), () => z.array(servingViewSchema)),
  /** The first version of a station, or the next one: started beside the live one, and live when it answers. */
  'serving.deploy': job('Deploy', 'light', () => z.object({
    model: modelRefSchema, stationId: z.string().optional(), station: z.string().min(1).max(120).optional(),
    /** The address of the engine's machine to publish it at: its loopback without it; 0.0.0.0 or :: for all. A station keeps it. */
    listen: z.union([z.ipv4(), z.ipv6()]).optional(),
    /** A new station: nobody but the console may ask until `serving.admit` gives keys. */
    closed: z.boolean().default(false),
    port: z.number().int().min(1).max(65_535).optional(), grpcPort: z.number().int().min(1).max(65_535).optional(),
    cpus: z.number().positive().optional(), memoryBytes: z.number().int().positive().optional(), gpus: z.boolean().default(false),
    /** So long may a version take until it answers. */
    readyWithinMs: z.number().int().min(1000).max(3_600_000).default(60_000),
    /** Leaves the new version beside the live one until it is promoted or rolled back. */
    trial: trialSchema.optional(),
    /** Without it that of the version before, else our own. */
    engine: engineChoiceSchema.optional(),
    /** A tar file on the host's machine, or the name of an image that the container engine has; without it the one of the version before, or one under the engine's usual name. */
    engineImage: z.string().min(1).max(4096).optional(),
    /** Our own runtime from another image than the installation's, such as the one with CUDA: a tar file, or a name that the engine has. It must carry our label. */
    image: z.string().min(1).max(4096).optional(),
    /** On the engine's own machine, or as a service of the Swarm that it manages; a station keeps what it was first deployed to. */
    target: z.enum(['docker', 'swarm']).optional(),
    /** On a Swarm: how many replicas, one a node at the most; without it one on each node that can be reached. */
    replicas: z.number().int().min(1).max(64).optional(),
    /** Serves as `serving.advise` has measured for this model and so many processors. */
    measured: z.boolean().default(false),
    /** On a Swarm: the engines of the other nodes, for the image has to be loaded on each. */
    nodes: z.array(z.string().min(1).max(500)).max(64).optional(),
  }), () => servingViewSchema),
  /** Measures how the model is served best on so many processors of this machine: sessions times threads, and whether batching gains anything. Kept for `serving.deploy`. */
  'serving.advise': job('Measure how to serve', 'exclusive', () => z.object({
    model: modelRefSchema, cpus: z.number().int().min(1).max(256).optional(), /** A full batch and the wait for it must fit. */ taktMs: z.number().positive().optional(), durationS: z.number().positive().max(60).default(2),
  }), () => servingAdviceSchema),
  /** What was measured for a model, for each number of processors. */
  'serving.advice': query('What was measured for serving', () => z.object({ model: modelRefSchema }), () => z.array(servingAdviceSchema)),
  /** Back to the version before; a version on trial is withdrawn instead. */
  'serving.rollback': job('Roll back', 'light', () => actedOnSchema, () => servingViewSchema),
  /** Changes what the version on trial sees. */
  'serving.split': job('Change the split', 'light', () => actedOnSchema.extend({ trial: trialSchema }), () => servingViewSchema),
  /** The version on trial becomes the live one. */
  'serving.promote': job('Promote', 'light', () => actedOnSchema, () => servingViewSchema),
  /** With a reason: acceptance stop. Without: lifts it. */
  'serving.hold': job('Acceptance stop', 'light', () => stationSchema.extend({ reason: z.string().min(1).max(500).nullable() }), () => servingViewSchema),
  /** Turns the flight recorder on with its limits, or off, which forgets what it holds. */
  'serving.record': job('Flight recorder', 'light', () => actedOnSchema.extend({ recorder: recorderWishSchema.nullable() }), () => servingViewSchema),
  /** What it holds, newest first. */
  'serving.records': query('List recorded requests', () => stationSchema, () => z.array(recordSummarySchema)),
  /** One recorded request: what was asked and answered, as text for people; long ones are cut. */
  'serving.recorded': query('Show a recorded request', () => stationSchema.extend({ seq: z.number().int().min(1) }), () => recordSummarySchema.extend({ question: z.string(), answer: z.string().nullable() })),
  /** Writes what it holds to a file that other tools read (HTTP Archive 1.2). */
  'serving.saveRecords': job('Save recorded requests', 'light', () => actedOnSchema.extend({ /** Without it into the folder of recordings. */ path: z.string().min(1).max(4096).optional(), force: z.boolean().default(false) }), () => z.object({ path: z.string(), records: z.number().int(), bytes: z.number(), /** Pushed out by newer ones meanwhile. */ gone: z.number().int() })),
  /** Asks a version what was recorded, one after the other, and compares its answers with those that were sent. */
  'serving.replay': job('Replay', 'light', () => stationSchema.extend({ /** The version on trial without it, else the live one. */ version: z.string().optional(), tolerance: z.number().min(0).default(1e-3) }), () => replayReportSchema),
  /** Gives a client a key, which is told this once and kept nowhere. From the first one on, whoever has none is turned away. A query and no job, for what jobs answer is kept. */
  'serving.admit': query('Give a client a key', () => actedOnSchema.extend({ client: z.string().trim().min(1).max(80) }), () => z.object({ client: z.string(), key: z.string(), serving: servingViewSchema })),
  /** Takes the key of a client back; with null all keys, and whoever reaches the address may ask. */
  'serving.dismiss': query('Take a key back', () => actedOnSchema.extend({ client: z.string().trim().min(1).max(80).nullable() }), () => servingViewSchema),
  /** Encrypts the address with a certificate, from PEM files on the host's machine, or ends that with null. Its own connections go on. */
  'serving.encrypt': job('Encrypt', 'light', () => actedOnSchema.extend({ tls: z.object({ certPath: z.string().min(1).max(4096), keyPath: z.string().min(1).max(4096), /** Clients must show a certificate that it has signed. */ clientCaPath: z.string().min(1).max(4096).nullable().default(null) }).nullable() }), () => servingViewSchema),
  'serving.start': job('Start serving', 'light', () => actedOnSchema, () => servingViewSchema),
  'serving.stop': job('Stop serving', 'light', () => actedOnSchema, () => servingViewSchema),
  'serving.restart': job('Restart serving', 'light', () => actedOnSchema, () => servingViewSchema),
  /** Takes containers, networks and volumes away; the station, its models and evidence stay. */
  'serving.remove': job('Remove from the engine', 'light', () => actedOnSchema.extend({ /** Where its engine cannot be reached: gives up what is there, for a machine that will not come back. */ forget: z.boolean().default(false) }), () => nothingSchema),
  /** Makes the engine have what the store says, for one station or all. */
  'serving.reconcile': job('Put the engine right', 'light', () => z.object({ stationId: z.string().optional() }), () => z.array(servingViewSchema)),
  /** Lines of all containers of the station in the order of their time; ends by itself unless it follows. */
  'serving.logs': stream('Read the log of a station', () => stationSchema.extend({ follow: z.boolean().default(false), tail: z.number().int().min(0).max(100_000).default(200), contains: z.string().max(200).default('') }),
    () => z.object({ at: isoTimeSchema, container: z.string(), stream: z.enum(['stdout', 'stderr']), line: z.string() })),
  /** Once a second while it is watched. */
  'serving.stats': stream('Watch the use of resources', () => stationSchema, () => z.object({
    at: isoTimeSchema,
    containers: z.array(z.object({ name: z.string(), version: z.string().nullable(), cpuPercent: z.number().nullable(), throttledPercent: z.number().nullable(), memoryBytes: z.number(), memoryLimitBytes: z.number(), processes: z.number() })),
    /** What clients saw in the last second, as the gateway counts it; null while it does not answer. Percentiles need at least one request. */
    traffic: z.object({ requestsPerSec: z.number(), failuresPerSec: z.number(), meanMs: z.number().nullable(), p50Ms: z.number().nullable(), p99Ms: z.number().nullable(), inFlight: z.number() }).nullable(),
    /** The live version's own figures of the last second under common names, whatever engine it is; null where it does not tell. Times are means of one request. */
    engine: z.object({ engine: engineChoiceSchema, requestsPerSec: z.number(), failuresPerSec: z.number(), meanMs: z.number().nullable(), queueMs: z.number().nullable(), inferenceMs: z.number().nullable() }).nullable(),
  })),
  /** Sends one sample of a data set through the station's address and tells what came back, beside the answer in this process. */
  'serving.try': query('Try a station', () => z.object({ stationId: z.string(), data: dataRefSchema, index: z.number().int().min(0) }), () => z.object({
    sample: z.string(), label: z.string().nullable(), predicted: z.string().nullable(), score: z.number().nullable(), version: z.string().nullable(),
    /** Of the whole request, and of the inference as the runtime tells it where it does. */
    latencyMs: z.number(),
    /** The largest difference to the same model run here; null where it cannot be run here. */
    maxAbsDifference: z.number().nullable(),
    outputs: z.array(z.object({ name: z.string(), datatype: z.string(), shape: z.array(z.number()), /** The first values. */ values: z.array(z.union([z.number(), z.string()])) })),
  })),
} as const;
