// Topological order of a graph's nodes: as the file has them where that is an order already, else the first that works.
import type { GraphProto, NodeProto } from '../schema/onnx_pb.ts';
import { readsOf } from './subgraphs.ts';

export interface NodeOrder {
  /** Nodes in an order in which each follows what it reads; nodes on or behind a cycle are missing. */
  readonly order: readonly NodeProto[];
  /** Nodes on or behind a cycle. */
  readonly cyclic: readonly NodeProto[];
}

/** Stable: among nodes that are ready, the one that comes first in the file goes first (Kahn's algorithm with a heap of indices). */
export function sortNodes(graph: GraphProto): NodeOrder {
  const producers = new Map<string, number>();
  graph.node.forEach((node, index) => node.output.forEach((name) => name !== '' && producers.set(name, index)));
  const waitsFor = graph.node.map(() => 0);
  const readers: number[][] = graph.node.map(() => []);
  graph.node.forEach((node, index) => {
    const sources = new Set(readsOf(node).map((name) => producers.get(name)).filter((source) => source !== undefined));
    waitsFor[index] = sources.size;
    for (const source of sources) readers[source]?.push(index);
  });
  const ready = minHeap();
  waitsFor.forEach((count, index) => count === 0 && ready.push(index));
  const order: NodeProto[] = [];
  const done = new Uint8Array(graph.node.length);
  for (let index = ready.pop(); index !== undefined; index = ready.pop()) {
    const node = graph.node[index];
    if (!node) continue;
    done[index] = 1;
    order.push(node);
    for (const reader of readers[index] ?? []) {
      const left = (waitsFor[reader] ?? 0) - 1;
      waitsFor[reader] = left;
      if (left === 0) ready.push(reader);
    }
  }
  return { order, cyclic: graph.node.filter((_, index) => done[index] === 0) };
}

function minHeap(): { push(value: number): void; pop(): number | undefined } {
  const heap: number[] = [];
  const at = (i: number) => heap[i] ?? Number.POSITIVE_INFINITY;
  const swap = (a: number, b: number) => { [heap[a], heap[b]] = [at(b), at(a)]; };
  return {
    push(value) {
      heap.push(value);
      for (let i = heap.length - 1; i > 0;) {
        const parent = (i - 1) >> 1;
        if (at(parent) <= at(i)) break;
        swap(i, parent);
        i = parent;
      }
    },
    pop() {
      const top = heap[0];
      const last = heap.pop();
      if (heap.length > 0 && last !== undefined) {
        heap[0] = last;
        for (let i = 0; ;) {
          const left = 2 * i + 1;
          const least = at(left) <= at(left + 1) ? left : left + 1;
          if (at(least) >= at(i)) break;
          swap(i, least);
          i = least;
        }
      }
      return top;
    },
  };
}
