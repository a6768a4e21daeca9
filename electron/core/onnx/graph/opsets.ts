// Operator-set imports: which version of each domain's operators a model speaks. "" and "ai.onnx" are the same domain.
import { create } from '@bufbuild/protobuf';
import { OperatorSetIdProtoSchema, type ModelProto, type OperatorSetIdProto } from '../schema/onnx_pb.ts';

/** "ai.onnx" becomes "". */
export function canonicalDomain(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}

/** How people and JSON name a domain: "" is "ai.onnx". */
export function domainLabel(domain: string): string {
  return domain === '' ? 'ai.onnx' : domain;
}

/** Version of the domain, or null when the model does not import it. */
export function opsetOf(model: { readonly opsetImport: readonly OperatorSetIdProto[] }, domain = ''): number | null {
  const entry = model.opsetImport.find((item) => canonicalDomain(item.domain) === canonicalDomain(domain));
  return entry ? Number(entry.version) : null;
}

/** Sets or adds the import of a domain. */
export function setOpset(model: ModelProto, domain: string, version: number): void {
  const entry = model.opsetImport.find((item) => canonicalDomain(item.domain) === canonicalDomain(domain));
  if (entry) entry.version = BigInt(version);
  else model.opsetImport.push(create(OperatorSetIdProtoSchema, { domain, version: BigInt(version) }));
}

/** All imports by label, the later one winning where a domain is named twice. */
export function opsetsOf(model: ModelProto): Record<string, number> {
  return Object.fromEntries(model.opsetImport.map((entry) => [domainLabel(canonicalDomain(entry.domain)), Number(entry.version)]));
}
