// The form of a model in which the runtime can add its products of 8 bits exactly.
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { exactSumsCopy } from './exactSumsCopy.ts';
import { obstacleIn, type ExactSumsObstacle } from './exactSumsObstacle.ts';

export type { ExactSumsObstacle } from './exactSumsObstacle.ts';

/** Larger files are not copied in memory for this. */
const copiedBytesMax = 512 * 1024 ** 2;

/** @returns the obstacle that remains, and the model to load: its path, or a copy in memory where that is what takes the obstacle away */
function look(path: string): { readonly obstacle: ExactSumsObstacle | null; readonly model: string | Uint8Array } {
  let file: number;
  try { file = openSync(path, 'r'); } catch { return { obstacle: null, model: path }; } // the runtime tells
  let obstacle: ExactSumsObstacle | null = null;
  try {
    const bytes = fstatSync(file).size;
    obstacle = obstacleIn({ file, bytes });
    if (obstacle === null || bytes > copiedBytesMax) return { obstacle, model: path };
    const copy = exactSumsCopy(readFileSync(file)), left = obstacleIn(copy);
    return left === null ? { obstacle: null, model: copy } : { obstacle: left, model: path };
  } catch { return { obstacle, model: path }; } finally { closeSync(file); } // it cannot be copied
}

/**
 * Where pairs of products saturate (pairSumsSaturate.ts), answers of INT8 models can be wrong by half. The runtime's option `session.x64quantprecision` stores their weights as unsigned bytes, which have kernels that do not
 * saturate, slower by a sixth to a third; it leaves weights within ±64 alone (7 bits, as `reduceRange` makes them). On other processors it has no effect.
 * Some models it cannot take as they are (exactSumsObstacle.ts): most of those are loaded from a copy in memory.
 * @returns what to load with that option; null for a model that cannot be had with it
 */
export function modelForExactSums(path: string): string | Uint8Array | null {
  const { obstacle, model } = look(path);
  return obstacle === null ? model : null;
}

/** What keeps Millwright's sessions from adding this model exactly; null for nothing. */
export const exactSumsObstacle = (path: string): ExactSumsObstacle | null => look(path).obstacle;
