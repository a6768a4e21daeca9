// Which names of a graph hold sequences of tensors, or optional ones: no Cast changes the type of what lies in them.
import { subgraphsOf } from '../../onnx/graph/subgraphs.ts';
import type { GraphProto, ValueInfoProto } from '../../onnx/schema/onnx_pb.ts';

const makers = new Set(['SplitToSequence', 'SequenceConstruct', 'SequenceEmpty', 'SequenceInsert', 'SequenceErase', 'SequenceMap', 'Optional']);
/** Those that take one apart: their tensors have the type of its elements. */
const takers = new Set(['SequenceAt', 'ConcatFromSequence', 'OptionalGetElement']);
export const worksOnSequences = (opType: string): boolean => makers.has(opType) || takers.has(opType);

const isSequence = ({ type }: ValueInfoProto): boolean => type?.value.case === 'sequenceType' || type?.value.case === 'optionalType';

/** @param outer those that the graph sees around it */
export function sequenceNames(graph: GraphProto, outer: ReadonlySet<string> = new Set()): Set<string> {
  const found = new Set(outer);
  for (const info of [...graph.input, ...graph.valueInfo, ...graph.output]) if (isSequence(info)) found.add(info.name);
  for (const node of graph.node) {
    const [first] = subgraphsOf(node);
    const inner = first ? sequenceNames(first.graph, found) : null;
    const offset = node.opType === 'Loop' ? 1 : 0; // the first output of its body says whether it goes on
    node.output.forEach((name, i) => {
      if (makers.has(node.opType) || (node.opType === 'Identity' && found.has(node.input[0] ?? '')) || inner?.has(first!.graph.output[i + offset]?.name ?? '')) found.add(name);
    });
  }
  return found;
}
