/**
 * Gives memory back at once, where the engine of JavaScript can (Node 22 on), and leaves it to the garbage collector elsewhere. That one comes by late for memory outside its own heap:
 * what a burst of requests had taken was still there minutes after. Nobody may use the memory any more.
 */
export function freeMemory(memory: ArrayBufferLike): void {
  if ('transfer' in memory) (memory as { transfer(length: 0): unknown }).transfer(0); // declared by newer libraries only
}
