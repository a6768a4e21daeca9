// Sends damaged bytes through what `model check` does, and says how it ended: findings, a BAD_MODEL error, or something that must not be.
import { isAppError } from '#shared/errors';
import { checkModel } from '#core/onnx/checkModel';
import { decodeModel } from '#core/onnx/decodeModel';
import { summarizeModel } from '#core/onnx/summarizeModel';

export type Ending = 'findings' | 'clean' | 'BAD_MODEL' | 'UNEXPECTED';

export interface CheckedMutant {
  readonly ending: Ending;
  readonly durationMs: number;
  /** What was thrown, for an unexpected ending. */
  readonly error: string | null;
}

/** The summary is made, too: `model show` and the import run the same bytes. */
export function checkMutant(bytes: Uint8Array): CheckedMutant {
  const start = performance.now();
  const end = (ending: Ending, error: string | null = null): CheckedMutant => ({ ending, error, durationMs: performance.now() - start });
  try {
    const model = decodeModel(bytes);
    const findings = checkModel(model, { files: { sizeOf: (location) => (location === 'external.bin' ? 48 : 'it does not exist') } });
    summarizeModel(model, { sha256: '0'.repeat(64), sizeBytes: bytes.length, findings });
    return end(findings.length > 0 ? 'findings' : 'clean');
  } catch (error) {
    if (!isAppError(error) || error.code !== 'BAD_MODEL') return end('UNEXPECTED', error instanceof Error ? error.stack ?? error.message : String(error));
    return /offset \d+/.test(error.message) ? end('BAD_MODEL') : end('UNEXPECTED', `without an offset: ${error.message}`);
  }
}
