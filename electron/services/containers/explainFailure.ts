// Says in one sentence why a container engine cannot be reached.
import { isAppError } from '#shared/errors';

/** Socket errors carry a code; dockerode's HTTP errors carry a status code. Both become one sentence. */
export function explainFailure(error: unknown, url: string): string {
  if (isAppError(error)) return error.message;
  const { code, statusCode, level, syscall } = error as { readonly code?: string; readonly statusCode?: number; readonly level?: string; readonly syscall?: string }; // fields of Node's and dockerode's errors, all optional
  const place = url.replace(/^(unix|npipe):\/\//, '');
  if (syscall === 'open') return 'The certificates that DOCKER_CERT_PATH names cannot be read.';
  switch (code) {
    case 'ENOENT': return `There is no container engine at ${place}.`;
    case 'ECONNREFUSED': return `The socket ${place} is there, but no container engine listens on it: the daemon is not running.`;
    case 'EACCES': case 'EPERM': return `This user may not use the container engine at ${place}.`;
    case 'ENOTFOUND': case 'EAI_AGAIN': return `The host of the container engine, ${place}, has no address.`;
    case 'TIMEOUT': case 'ETIMEDOUT': return `The container engine at ${place} accepts connections but does not answer.`;
    case 'ECONNRESET': case 'EPIPE': return `The container engine at ${place} ended the connection.`;
    default: break;
  }
  if (statusCode !== undefined) return `What answers at ${place} is not a working container engine (HTTP ${statusCode}).`;
  if (level !== undefined) return `The SSH connection to ${place} was refused.`;
  return `The container engine at ${place} could not be reached.`;
}
