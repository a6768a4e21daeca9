// Which nodes a user means: by name, by `type:Softmax`, or by a pattern with `*` such as `encoder/*/attention*`.
import type { ModelProto } from '../../onnx/schema/onnx_pb.ts';
import { nodeLabel, walkScopes } from '../static/walkScopes.ts';

export interface MatchedNodes { readonly nodes: readonly string[]; /** What matched nothing. */ readonly unmatched: readonly string[] }

export function matchNodes(model: ModelProto, wanted: readonly string[]): MatchedNodes {
  const all = wanted.length ? walkScopes(model).flatMap((scope) => scope.graph.node.map((node) => ({ label: nodeLabel(scope, node), type: node.opType }))) : [];
  const nodes = new Set<string>();
  const unmatched: string[] = [];
  for (const one of wanted) {
    const type = /^type:(.+)$/u.exec(one)?.[1];
    const pattern = one.includes('*') ? new RegExp(`^${one.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/gu, '\\$&')).join('.*')}$`, 'u') : null;
    const found = all.filter((node) => node.label === one || (type !== undefined && node.type === type) || pattern?.test(node.label));
    if (!found.length) unmatched.push(one);
    for (const { label } of found) nodes.add(label);
  }
  return { nodes: [...nodes], unmatched };
}
