// A stable name for every node of a graph: its own where it is unique, else "<Operator>_<index in the file>".
import type { GraphProto, NodeProto } from '../schema/onnx_pb.ts';

/** The same file gives the same names; two nodes never share one. */
export function nodeNames(graph: GraphProto): Map<NodeProto, string> {
  const uses = new Map<string, number>();
  for (const node of graph.node) uses.set(node.name, (uses.get(node.name) ?? 0) + 1);
  const names = new Map<NodeProto, string>();
  graph.node.forEach((node, index) => {
    if (node.name !== '' && uses.get(node.name) === 1) return names.set(node, node.name);
    let name = `${node.opType || 'Node'}_${index}`;
    while (uses.has(name)) name += '_';
    uses.set(name, 1);
    return names.set(node, name);
  });
  return names;
}
