// What all stations serve, renewed as it changes.
import { useState } from 'react';
import type { ServingView } from '#shared/contract/serving';
import type { AppError } from '#shared/errors';
import { useOp, useStream } from '../../api/useOp.ts';

export interface Serving { readonly views: readonly ServingView[] | undefined; readonly error: AppError | null; readonly reload: () => void }

export function useServing(): Serving {
  const list = useOp('serving.list', {});
  const [watched, setWatched] = useState<readonly ServingView[] | null>(null);
  const failure = useStream('serving.watch', {}, setWatched);
  return { views: watched ?? list.data, error: failure ?? (watched ? null : list.error), reload: list.reload };
}
