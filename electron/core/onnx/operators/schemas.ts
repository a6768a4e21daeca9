// Looks up the published form of an operator at a given opset: how many inputs and outputs, which types, which attributes.
import { canonicalDomain } from '../graph/opsets.ts';
import type { LooseRow } from './OperatorTable.ts';
import { microsoftOperators, newestOpsets, schemaTable, typeSets } from './schemaTable.ts';

export interface OperatorSchema {
  readonly since: number;
  readonly inputs: { readonly least: number; readonly most: number };
  readonly outputs: { readonly least: number; readonly most: number };
  /** Element types that the input may have, null when it may be no tensor; inputs of one variable share their type. */
  inputType(index: number): { readonly allowed: readonly number[] | null; readonly variable: string } | null;
  readonly attributes: Readonly<Record<string, { readonly type: number; readonly required: boolean }>>;
  readonly deprecated: boolean;
}

export type SchemaLookup =
  | { readonly found: 'schema'; readonly schema: OperatorSchema }
  /** Known by name only (the runtime's own operators). */
  | { readonly found: 'name' }
  /** The domain is known, the operator is not: `newerSince` when it came after the opset imported. */
  | { readonly found: 'unknown-operator'; readonly newerSince: number | null }
  | { readonly found: 'unknown-domain' };

const runtimeDomains = new Set(['com.microsoft.nchwc', 'com.microsoft.experimental', 'com.ms.internal.nhwc', 'org.pytorch.aten', 'com.microsoft.mlfeaturizers']);
const microsoftNames = new Set(microsoftOperators);

export function schemaOf(domain: string, operator: string, opset: number): SchemaLookup {
  const key = canonicalDomain(domain);
  if (key === 'com.microsoft') return microsoftNames.has(operator) ? { found: 'name' } : { found: 'unknown-operator', newerSince: null };
  const operators = Object.hasOwn(schemaTable, key) ? schemaTable[key] : undefined;
  if (!operators) return { found: 'unknown-domain' };
  const rows = Object.hasOwn(operators, operator) ? operators[operator] ?? [] : [];
  const row = rows.filter((one) => one[0] <= opset).at(-1);
  return row ? { found: 'schema', schema: toSchema(row) } : { found: 'unknown-operator', newerSince: rows[0]?.[0] ?? null };
}

/** The newest version that the table here knows; null for a domain that it does not know. */
export function newestOpset(domain: string): number | null {
  return newestOpsets[canonicalDomain(domain)] ?? null;
}

export function isKnownDomain(domain: string): boolean {
  const key = canonicalDomain(domain);
  return Object.hasOwn(schemaTable, key) || key === 'com.microsoft' || runtimeDomains.has(key) || key === 'ai.onnx.training' || key === 'ai.onnx.preview';
}

function toSchema([since, inputs, outputs, inputTypes, attributes, deprecated]: LooseRow): OperatorSchema {
  const [least = 0, most = -1] = inputs;
  const [leastOut = 0, mostOut = -1] = outputs;
  const any = (bound: number) => (bound < 0 ? Number.POSITIVE_INFINITY : bound);
  return {
    since, inputs: { least, most: any(most) }, outputs: { least: leastOut, most: any(mostOut) }, deprecated: deprecated === 1,
    attributes: Object.fromEntries(Object.entries(attributes).map(([name, type]) => [name, { type: Math.abs(type), required: type < 0 }])),
    inputType(index) {
      const entry = inputTypes[index] ?? (any(most) > inputTypes.length ? inputTypes.at(-1) : undefined);
      if (!entry) return null;
      const [set, variable] = entry;
      return { allowed: typeof set === 'number' && set >= 0 ? typeSets[set] ?? null : null, variable: String(variable) };
    },
  };
}
