// What a run records for the section on security: who listens, what the station's containers may do, what the image is made of, who signs, and what left the machine.
import { z } from 'zod';
import { keyKeeperSchema } from '#shared/contract/keys';
import { auditEntrySchema } from '#shared/contract/evidence';
import { isoTimeSchema, sha256Schema } from '#shared/contract/references';

/** A TCP port at which this machine takes connections. */
export const listenerSchema = z.object({ address: z.string(), port: z.number(), /** Only this machine reaches it. */ loopback: z.boolean(), /** Of this program or one that it started. */ own: z.boolean() });
export type Listener = z.infer<typeof listenerSchema>;

/** A container as the engine itself describes it, not as it was ordered. */
export const containerSecuritySchema = z.object({
  name: z.string(), role: z.enum(['gateway', 'model']), version: z.string().nullable(), state: z.string(),
  image: z.string(), imageId: z.string(), /** Digests of its manifest in registries; none for an image that came as a file. */ repoDigests: z.array(z.string()),
  /** Empty: root. */
  user: z.string(), privileged: z.boolean(), capabilitiesAdded: z.array(z.string()), capabilitiesDropped: z.array(z.string()), noNewPrivileges: z.boolean(), readOnlyRoot: z.boolean(),
  networks: z.array(z.object({ name: z.string(), /** Nobody in it reaches anything outside; null where the engine does not tell. */ internal: z.boolean().nullable() })),
  /** "127.0.0.1:8100 to 8080/tcp" */
  published: z.array(z.string()),
  /** Ports that listen inside, beyond its own loopback; null where it could not be seen. */
  listening: z.array(z.number()).nullable(),
  /** Null: no limit. */
  memoryBytes: z.number().nullable(), cpus: z.number().nullable(), pids: z.number().nullable(),
});
export type ContainerSecurity = z.infer<typeof containerSecuritySchema>;

/** Connections beyond this machine, looked for again and again while a run went on; one that lived between two looks is not seen. */
export const egressSchema = z.object({
  from: isoTimeSchema, to: isoTimeSchema, looks: z.number(), everyMs: z.number(),
  peers: z.array(z.object({ peer: z.string(), first: isoTimeSchema, last: isoTimeSchema, looks: z.number() })),
});
export type Egress = z.infer<typeof egressSchema>;

/** Each part is there or says why it is not. */
const missingIs = z.string().nullable();

export const securitySchema = z.object({
  takenAt: isoTimeSchema,
  listeners: z.array(listenerSchema).nullable(),
  containers: z.array(containerSecuritySchema), containersMissing: missingIs,
  /** Who may ask the station at its address; null where it serves nothing, and in runs of earlier releases. */
  access: z.object({ address: z.string(), /** Names of those that have a key; null where none is asked for. */ clients: z.array(z.string()).nullable(), /** Null: unencrypted. */ certificate: z.object({ subject: z.string(), validTo: isoTimeSchema, clientCertificates: z.boolean() }).nullable() }).nullable().default(null),
  /** The bill of materials inside the serving image. */
  imageBom: z.object({ /** Read out of the running container; else of the image that this installation puts together. */ deployed: z.boolean(), path: z.string(), sha256: sha256Schema, components: z.number(), imageId: z.string() }).nullable(), imageBomMissing: missingIs,
  key: z.object({ keyId: z.string(), keptIn: keyKeeperSchema }).nullable(),
  egress: egressSchema.nullable(),
  /** What left through this program: audit entries, newest first. */
  exports: z.array(auditEntrySchema.pick({ seq: true, at: true, actor: true, action: true, subject: true })),
});
export type SecurityFacts = z.infer<typeof securitySchema>;

/** Actions of the audit trail by which a file leaves the data folder. */
export const exportActions: readonly string[] = ['evidence.exported', 'station.packed', 'keys.exported', 'keys.backedUp'];
