// Turns what a container engine refuses into a sentence with a remedy. Status codes are the same in all engines; texts are not, so only a few known phrases are looked for.
import { AppError, isAppError, type ErrorCode } from '#shared/errors';
import { explainFailure } from './explainFailure.ts';

/** What dockerode and Node put on their errors; everything may be missing. */
interface Failure {
  readonly statusCode?: number;
  readonly code?: string;
  readonly json?: { readonly message?: unknown } | null;
  readonly message?: string;
}

/** What the engine itself said, one line, without the client library's wrapping. */
export function wordsOfEngine(error: unknown): string {
  const { json, message } = (typeof error === 'object' && error !== null ? error : {}) as Failure; // optional fields, each checked
  const text = typeof json?.message === 'string' ? json.message : (message ?? String(error)).replace(/^\(HTTP code \d+\) [^-]* - /, '');
  return text.replace(/\s+/g, ' ').trim().slice(0, 300);
}

interface Phrase { readonly pattern: RegExp; readonly code: ErrorCode; readonly say: (match: RegExpExecArray) => string; readonly hint?: string }

const phrases: readonly Phrase[] = [
  { pattern: /(?:for|to|on) (?:[\d.]+|\[?[\da-f:]*\]?):(\d+)\b.*(?:port is already allocated|address already in use)|listen tcp4? [\d.]+:(\d+): bind: address already in use/i, code: 'PORT_TAKEN', say: (match) => `port ${match[1] ?? match[2] ?? ''} is taken by another program`, hint: 'Choose another port with --port, or leave it out for any free one.' },
  { pattern: /port is already allocated|address already in use/i, code: 'PORT_TAKEN', say: () => 'the port is taken by another program', hint: 'Choose another port with --port, or leave it out for any free one.' },
  { pattern: /no space left on device|disk quota exceeded/i, code: 'DISK_FULL', say: () => 'the disk of the container engine is full', hint: 'Free space where the engine keeps its data; `docker system df` shows what takes it.' },
  { pattern: /could not select device driver|no known GPU vendor|unknown (?:or invalid )?runtime|nvidia-container|failed to discover GPU/i, code: 'DOCKER_REFUSED', say: () => 'the container engine has no driver for GPUs', hint: 'Install the NVIDIA driver and the NVIDIA Container Toolkit and restart the engine, or deploy without --gpus.' },
  { pattern: /range of CPUs is from ([\d.]+) to ([\d.]+)/i, code: 'BAD_INPUT', say: (match) => `this machine has ${Number(match[2])} processors, and between ${match[1]} and ${match[2]} can be given`, hint: 'Lower --cpus.' },
  { pattern: /minimum memory limit allowed is (\w+)/i, code: 'BAD_INPUT', say: (match) => `the memory limit is below the least that is possible, ${match[1]}`, hint: 'Raise --memory.' },
  { pattern: /requested CPUs are not available/i, code: 'BAD_INPUT', say: () => 'the named processors do not exist on this machine', hint: 'Lower --cpus.' },
  { pattern: /bind source path does not exist: (\S+)/i, code: 'NOT_FOUND', say: (match) => `the folder ${match[1]} does not exist on the engine's machine` },
  { pattern: /non-overlapping IPv4 address pool/i, code: 'DOCKER_REFUSED', say: () => 'all address ranges for networks are in use', hint: 'Remove stations or networks that are no longer needed; `docker network prune` removes unused ones.' },
  { pattern: /exec format error|does not match the (?:detected|specified) (?:host )?platform|no matching manifest/i, code: 'DOCKER_REFUSED', say: () => 'the image is for another processor architecture than this machine', hint: 'Serving needs an engine on linux/amd64.' },
  { pattern: /(?:\[?([\d.]+|[\da-f]*:[\da-f:]*)\]?:\d+: bind: )?cannot assign requested address/i, code: 'BAD_INPUT', say: (match) => `the engine's machine has no address ${match[1] ?? 'of that kind'}`, hint: 'Name one of its own with --listen, or 0.0.0.0 for all.' },
  { pattern: /no such network interface|failed programming external connectivity|iptables/i, code: 'DOCKER_REFUSED', say: () => 'the engine\'s network is damaged', hint: 'Restart the container engine.' },
  { pattern: /invalid diffID|wrong diff id|invalid tar header|unexpected EOF|short read|unrecognized image format|manifest\.json|docker-import-[^/ ]*\/(?:repositories|blobs)/i, code: 'BAD_INPUT', say: () => 'the image file is damaged or is no image', hint: 'Copy the file again; `millwright image build` makes a new one.' },
  { pattern: /not a swarm manager|not part of a swarm/i, code: 'DOCKER_REFUSED', say: () => 'the container engine does not manage a Swarm any more', hint: 'Look at `docker node ls` on a manager, and make this node one again: docker node promote NAME' },
  { pattern: /no such image: (\S+)/i, code: 'NOT_FOUND', say: (match) => `the image ${(match[1] ?? '').slice(0, 80)} is not on this engine`, hint: 'Load it with: millwright image load FILE.tar' },
];

const statusCodes: Readonly<Record<number, ErrorCode>> = { 400: 'BAD_INPUT', 401: 'FORBIDDEN', 403: 'BUSY', 404: 'NOT_FOUND', 409: 'BUSY' };

/** `what` begins the sentence: "Starting the gateway of Line 1". `url` names the engine where it cannot be reached. */
export function translateDockerError(error: unknown, what: string, url: string): AppError {
  if (isAppError(error)) return error;
  const { statusCode, code, message } = (typeof error === 'object' && error !== null ? error : {}) as Failure; // optional fields, each checked
  const words = wordsOfEngine(error);
  if (statusCode === undefined) {
    if (code === 'ECONNRESET' || code === 'EPIPE' || message === 'aborted' || message === 'socket hang up') return new AppError('CONNECTION_LOST', `${what} was cut off: the container engine ended the connection.`, { cause: error, hint: 'See that the engine runs, then try again; what was begun is put right then.' });
    if (code !== undefined) {
      const { reason, hint } = explainFailure(error, url);
      return new AppError(code === 'EACCES' || code === 'EPERM' ? 'PERMISSION_DENIED' : 'DOCKER_UNAVAILABLE', reason, { cause: error, ...(hint === null ? {} : { hint }) });
    }
  }
  for (const { pattern, code: known, say, hint } of phrases) {
    const match = pattern.exec(words);
    if (match) return new AppError(known, `${what} failed: ${say(match)}.`, { cause: error, ...(hint === undefined ? {} : { hint }) });
  }
  if (statusCode === undefined) return new AppError('INTERNAL', `${what} failed for an unexpected reason.`, { cause: error });
  return new AppError(statusCodes[statusCode] ?? 'DOCKER_REFUSED', `${what} failed. The engine says: ${words.replace(/[.\s]+$/, '')}.`, { cause: error });
}

export const statusOf = (error: unknown): number | null => (typeof error === 'object' && error !== null && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : null);
