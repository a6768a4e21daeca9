// An error as it is shown: what and why in one sentence, what to try, details folded, all of it to copy.
import { IconCircleX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { errorKinds, type AppError } from '#shared/errors';
import { Button, CopyButton } from './Button.tsx';

export function ErrorNote({ error, onRetry, retryLabel = 'Try again', details, children }: { readonly error: AppError; readonly onRetry?: (() => void) | undefined; readonly retryLabel?: string; readonly details?: string | undefined; readonly children?: ReactNode }) {
  const text = [`${error.code}: ${error.message}`, `Try: ${error.hint}`, details ?? ''].filter(Boolean).join('\n');
  return (
    <div className="errornote" role="alert">
      <IconCircleX size={17} stroke={1.8} aria-hidden />
      <div><p className="what">{error.message}</p><p className="hint">{error.hint}</p>{children}</div>
      <span className="row">{onRetry && <Button size="tiny" onClick={onRetry}>{retryLabel}</Button>}<CopyButton text={text} label="Copy the error" /></span>
      <details><summary>Details</summary><p><code>{error.code}</code> {errorKinds[error.code].meaning}</p>{details && <pre className="mono prewrap">{details}</pre>}</details>
    </div>
  );
}
