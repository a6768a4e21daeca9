// Whether samples of different requests can run in one execution.
interface Tensor { readonly name: string; /** A size that is known is 0 or larger; a free one is a name, null or negative. */ readonly shape: readonly (number | string | null)[] }

const isFree = (size: number | string | null | undefined): boolean => typeof size === 'number' ? size < 0 : size !== undefined;

/** They can where the first dimension of every input and output is free; else why not, to follow a colon. */
export function batchObstacle({ inputs, outputs }: { readonly inputs: readonly Tensor[]; readonly outputs: readonly Tensor[] }): string | null {
  if (inputs.length === 0) return 'it has no input';
  const fixed = [...inputs, ...outputs].find(({ shape }) => !isFree(shape[0]));
  return fixed ? `the first dimension of "${fixed.name}" is not free` : null;
}
