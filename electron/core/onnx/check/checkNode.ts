// Checks of one node against the published form of its operator: known, imported, right number and types of inputs, right attributes.
import type { GraphView } from '../GraphView.ts';
import { canonicalDomain, domainLabel } from '../graph/opsets.ts';
import type { InferredTypes } from '../inferTypes.ts';
import { isKnownDomain, schemaOf, type OperatorSchema } from '../operators/schemas.ts';
import { AttributeProto_AttributeType as Kind, type AttributeProto, type NodeProto } from '../schema/onnx_pb.ts';
import { dataTypeName } from '../tensors/dataTypes.ts';
import { typeLabel } from '../types/ValueType.ts';
import { quoted, type FindingList } from './FindingList.ts';

export interface NodeCheck {
  readonly view: GraphView;
  readonly types: InferredTypes;
  readonly findings: FindingList;
  /** Imported version of a domain (canonical), or null. */
  opsetOf(domain: string): number | null;
  /** "domain:operator" of the model's own functions. */
  readonly functions: ReadonlySet<string>;
  /** Within a function, attributes may refer to the function's own. */
  readonly inFunction: boolean;
}

export function checkNode(check: NodeCheck, node: NodeProto, place: string): void {
  const { findings } = check;
  const domain = canonicalDomain(node.domain);
  const label = `${domain === '' ? '' : `${domain}.`}${node.opType}`;
  if (node.opType === '') return findings.add('NODE_NO_OPERATOR', 'error', place, 'The node names no operator.', 'Export the model again.');
  checkAttributeForm(check, node, place);
  if (check.functions.has(`${domain}:${node.opType}`)) return;
  const opset = check.opsetOf(domain);
  if (opset === null) {
    const remedy = isKnownDomain(domain) ? 'Add the import, or export the model again.' : 'The runtime here has no such operators: export the model with standard ones.';
    return findings.add('OPSET_MISSING', 'error', place, `The operator ${quoted(label)} is of ${quoted(domainLabel(domain))}, which the model does not import.`, remedy);
  }
  const lookup = schemaOf(domain, node.opType, opset);
  switch (lookup.found) {
    case 'unknown-domain':
      if (!isKnownDomain(domain)) findings.add('OPERATOR_CUSTOM', 'error', place, `The operator ${quoted(label)} is no published one: it needs a library of its own, which the runtime here does not have.`, 'Export the model with standard operators.');
      return;
    case 'unknown-operator': {
      const text = lookup.newerSince === null ? `The operator ${quoted(label)} does not exist in ${quoted(domainLabel(domain))}.` : `The operator ${quoted(label)} came with opset ${lookup.newerSince}, but the model imports ${opset}.`;
      return findings.add('OPERATOR_UNKNOWN', 'error', place, text, lookup.newerSince === null ? 'Export the model with standard operators.' : `Export the model with opset ${lookup.newerSince} or newer.`);
    }
    case 'name': return;
    case 'schema': return checkForm(check, node, place, lookup.schema);
  }
}

function checkForm(check: NodeCheck, node: NodeProto, place: string, schema: OperatorSchema): void {
  const { findings } = check;
  const error = (id: string, message: string) => findings.add(id, 'error', place, message, 'Export the model again.');
  if (schema.deprecated) findings.add('OPERATOR_DEPRECATED', 'warning', place, `The operator ${node.opType} was withdrawn at opset ${schema.since}.`, 'Export the model again; runtimes may drop it.');
  const inputs = node.input.length;
  if (inputs > schema.inputs.most || filledInputs(node) < schema.inputs.least) error('NODE_INPUTS', `The ${node.opType} node has ${inputs} inputs, but takes ${range(schema.inputs)}.`);
  if (node.output.length > schema.outputs.most || node.output.length < schema.outputs.least) error('NODE_OUTPUTS', `The ${node.opType} node has ${node.output.length} outputs, but gives ${range(schema.outputs)}.`);
  for (const attribute of node.attribute) {
    const known = Object.hasOwn(schema.attributes, attribute.name) ? schema.attributes[attribute.name] : undefined;
    if (!known) error('ATTRIBUTE_UNKNOWN', `The ${node.opType} node has an attribute ${quoted(attribute.name)}, which the operator does not have at this opset.`);
    else if (attribute.type !== Kind.UNDEFINED && Number(attribute.type) !== known.type) error('ATTRIBUTE_TYPE', `The attribute ${quoted(attribute.name)} of the ${node.opType} node is ${kindName(attribute.type)}, but must be ${kindName(known.type)}.`);
  }
  for (const [name, { required }] of Object.entries(schema.attributes)) if (required && !node.attribute.some((attribute) => attribute.name === name)) error('ATTRIBUTE_MISSING', `The ${node.opType} node lacks the attribute ${quoted(name)}.`);
  checkTypes(check, node, place, schema);
}

/** Inputs up to the last one that is given. */
function filledInputs(node: NodeProto): number {
  let count = node.input.length;
  while (count > 0 && node.input[count - 1] === '') count -= 1;
  return count;
}

function checkTypes({ view, types, findings }: NodeCheck, node: NodeProto, place: string, schema: OperatorSchema): void {
  const bound = new Map<string, { readonly elem: number; readonly input: string }>();
  node.input.forEach((name, index) => {
    const rule = name === '' ? null : schema.inputType(index);
    const type = rule ? types.typeOf(name, view.graph) : null;
    if (!rule || !type || type.kind === 'unknown') return;
    if (type.kind !== 'tensor') {
      if (rule.allowed) findings.add('INPUT_TYPE', 'error', place, `The input ${quoted(name)} of the ${node.opType} node is ${typeLabel(type)}, but must be a tensor.`);
      return;
    }
    if (type.elemType === 0) return;
    if (rule.allowed && !rule.allowed.includes(type.elemType)) findings.add('INPUT_TYPE', 'error', place, `The input ${quoted(name)} of the ${node.opType} node is ${dataTypeName(type.elemType)}, which the operator does not take at this opset.`, 'Cast it before, or export the model again.');
    if (rule.variable === '') return;
    const first = bound.get(rule.variable);
    if (!first) bound.set(rule.variable, { elem: type.elemType, input: name });
    else if (first.elem !== type.elemType) findings.add('INPUT_TYPES_DIFFER', 'error', place, `The inputs ${quoted(first.input)} (${dataTypeName(first.elem)}) and ${quoted(name)} (${dataTypeName(type.elemType)}) of the ${node.opType} node must be of one type.`, 'Cast one of them, or export the model again.');
  });
}

function checkAttributeForm({ findings, inFunction }: NodeCheck, node: NodeProto, place: string): void {
  const seen = new Set<string>();
  for (const attribute of node.attribute) {
    if (seen.has(attribute.name)) findings.add('ATTRIBUTE_TWICE', 'error', place, `The attribute ${quoted(attribute.name)} is there twice.`, 'Export the model again.');
    seen.add(attribute.name);
    if (attribute.refAttrName !== '' && !inFunction) findings.add('ATTRIBUTE_REFERENCE', 'error', place, `The attribute ${quoted(attribute.name)} refers to an attribute of a function, but the node is in none.`, 'Export the model again.');
    else if (attribute.refAttrName === '' && !holdsWhatItSays(attribute)) findings.add('ATTRIBUTE_EMPTY', 'error', place, `The attribute ${quoted(attribute.name)} says that it is ${kindName(attribute.type)}, but holds no such value.`, 'Export the model again.');
  }
}

/** Numbers and text of zero length are written as absent by some exporters, so only parts that must be there are asked for. */
function holdsWhatItSays(attribute: AttributeProto): boolean {
  switch (attribute.type) {
    case Kind.TENSOR: return attribute.t !== undefined;
    case Kind.GRAPH: return attribute.g !== undefined;
    case Kind.SPARSE_TENSOR: return attribute.sparseTensor !== undefined;
    case Kind.TYPE_PROTO: return attribute.tp !== undefined;
    default: return true;
  }
}

function range({ least, most }: { readonly least: number; readonly most: number }): string {
  if (least === most) return String(least);
  return Number.isFinite(most) ? `${least} to ${most}` : `${least} or more`;
}

function kindName(kind: number): string {
  return (Kind[kind] ?? `type ${kind}`).toLowerCase().replaceAll('_', ' ');
}
