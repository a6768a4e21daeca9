// Operational qualification: the tool tries on this machine what a user relies on, and writes down what happened.
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditEntry } from '#shared/contract/evidence';
import type { SelfTest } from '#shared/contract/validation';
import { isAppError } from '#shared/errors';
import type { Feeds } from '#shared/tensor';
import { parseLimits } from '#core/limits/parseLimits';
import { judgeLimits, type MeasuredFacts } from '#core/limits/judgeLimits';
import { openSigningKey, presentKey } from '../evidence/keys.ts';
import { verifyAuditChain } from '../evidence/verifyAudit.ts';
import { openAtomicTarget } from '../files/writeFileAtomic.ts';
import { openSession } from '../inference/openSession.ts';
import { readModelFile } from '../models/readModelFile.ts';
import type { JobContext, Services } from '../Services.ts';
import { backUpStore } from './backUpStore.ts';

/** The model under test with a sample that it takes. */
export interface Subject { readonly path: string; readonly feeds: Feeds; readonly fetches: readonly string[] | null }

interface Trial {
  readonly id: string;
  readonly title: string;
  readonly expected: string;
  /** What happened; throws Mismatch where it is not what was expected, and NotApplicable where it cannot be tried here. */
  try(): Promise<string>;
}

class Mismatch extends Error {}
class NotApplicable extends Error {}

const cancelDeadlineMs = 5000;

/** Every trial ends with pass, fail or unknown; none of them changes anything that the user has. */
export async function selfTests(services: Services, subject: Subject, context: Pick<JobContext, 'signal' | 'killSignal' | 'progress'>): Promise<SelfTest[]> {
  const folder = await mkdtemp(join(tmpdir(), 'millwright-oq-'));
  const results: SelfTest[] = [];
  try {
    const trials = trialsOf(services, subject, folder);
    for (const [index, trial] of trials.entries()) {
      context.signal.throwIfAborted();
      context.progress({ stage: `Self-test: ${trial.title}`, done: index, total: trials.length });
      const { id, title, expected } = trial;
      results.push({ id, title, expected, evidence: null, ...await outcomeOf(trial) });
    }
    return results;
  } finally { await rm(folder, { recursive: true, force: true }); }
}

async function outcomeOf(trial: Trial): Promise<Pick<SelfTest, 'actual' | 'status'>> {
  try {
    return { actual: await trial.try(), status: 'pass' };
  } catch (error) {
    const actual = error instanceof Error ? error.message : String(error);
    return { actual, status: error instanceof NotApplicable ? 'unknown' : 'fail' };
  }
}

/** The sentence of the error where it has the code that was expected. */
async function refused(code: string, act: () => unknown): Promise<string> {
  try { await act(); } catch (error) {
    if (isAppError(error) && error.code === code) return `${code}: ${error.message}`;
    throw new Mismatch(`Another error came: ${error instanceof Error ? error.message : String(error)}`);
  }
  throw new Mismatch('It was accepted.');
}

const noFacts: MeasuredFacts = { task: 'none', actual: [], predicted: [], referencePredicted: null, classes: [], compare: null, bench: null, modelBytes: 2_000_000, missing: {} };

function trialsOf(services: Services, subject: Subject, folder: string): Trial[] {
  const asked = subject.fetches === null ? {} : { fetches: subject.fetches };
  const open = () => openSession(services, { path: subject.path });
  return [
    {
      id: 'OQ-1', title: 'Load and run', expected: 'The model is loaded in a process of its own and answers.',
      async try() {
        const session = await open();
        try {
          const { outputs, durationMs } = await session.run(subject.feeds, asked);
          return `Answered ${Object.keys(outputs).join(', ')} in ${durationMs.toFixed(1)} ms.`;
        } finally { await session.close(); }
      },
    },
    {
      id: 'OQ-2', title: 'A damaged model', expected: 'Half of the model file is refused as BAD_MODEL.',
      async try() {
        const path = join(folder, 'half.onnx');
        const bytes = await readFile(subject.path);
        await writeFile(path, bytes.subarray(0, Math.floor(bytes.length / 2)));
        return refused('BAD_MODEL', async () => (await readModelFile(path)).external.close());
      },
    },
    {
      id: 'OQ-3', title: 'Limits with a typing error', expected: 'The file is refused as BAD_LIMITS, with line and key.',
      try: () => refused('BAD_LIMITS', () => parseLimits('limits:\n  - { id: ACC-1, metric: acuracy, min: 0.97 }\n')),
    },
    {
      id: 'OQ-4', title: 'Wrong input', expected: 'An input of a wrong name is refused as BAD_INPUT, and the process goes on.',
      async try() {
        const session = await open();
        try {
          const sentence = await refused('BAD_INPUT', () => session.run({ 'no such input': { type: 'float32', dims: [1], data: Float32Array.of(0) } }, asked));
          await session.run(subject.feeds, asked);
          return sentence;
        } finally { await session.close(); }
      },
    },
    {
      id: 'OQ-5', title: 'Cancel', expected: `A call that is cancelled ends within ${cancelDeadlineMs / 1000} s.`,
      async try() {
        const session = await open();
        try {
          const cancel = new AbortController();
          const startedAt = performance.now();
          const running = (async () => { for (;;) await session.run(subject.feeds, { ...asked, signal: cancel.signal }); })();
          setTimeout(() => cancel.abort(), 50);
          await Promise.race([running.catch(() => undefined), new Promise((resolve) => { setTimeout(resolve, cancelDeadlineMs).unref(); })]);
          const tookMs = performance.now() - startedAt;
          if (tookMs >= cancelDeadlineMs) throw new Mismatch(`It still ran after ${cancelDeadlineMs / 1000} s.`);
          return `Ended after ${tookMs.toFixed(0)} ms.`;
        } finally { await session.close(); }
      },
    },
    {
      id: 'OQ-6', title: 'Loss of a process', expected: 'A model process that is killed (SIGKILL) becomes an error of that call; a fresh one answers.',
      async try() {
        const worker = await services.workers.launch();
        const call = worker.call('session.open', { path: subject.path });
        worker.kill();
        const sentence = await refused('WORKER_CRASHED', () => call);
        const session = await open();
        try { await session.run(subject.feeds, asked); } finally { await session.close(); }
        return sentence;
      },
    },
    {
      id: 'OQ-7', title: 'A write that is interrupted', expected: 'Nothing half-written stands under the final name.',
      async try() {
        const path = join(folder, 'report.bin');
        const target = await openAtomicTarget(path);
        await writeFile(target.tempPath, Buffer.alloc(1 << 20));
        const there = await stat(path).then(() => true, () => false);
        await target.discard();
        if (there) throw new Mismatch('A partial file stands under the final name.');
        return 'Before the last step there is no file of that name.';
      },
    },
    {
      id: 'OQ-8', title: 'Alarm', expected: 'A value beyond its limit is a FAIL.',
      try() {
        const [result] = judgeLimits(parseLimits('limits:\n  - { id: SIZ-1, metric: size_mb, max: 1 }\n'), noFacts);
        if (result?.verdict !== 'FAIL') throw new Mismatch(`The verdict was ${result?.verdict ?? 'missing'}.`);
        return Promise.resolve(`2 MB against at most 1 MB: ${result.verdict}.`);
      },
    },
    {
      id: 'OQ-9', title: 'Permissions', expected: 'The signing key can be read by this user only.',
      async try() {
        await openSigningKey(services);
        if (process.platform === 'win32') throw new NotApplicable('Not read on Windows, where folders inherit the permissions of the user.');
        const { mode } = await stat(join(services.dataDir, 'keys', 'signing-key.pem'));
        if ((mode & 0o077) !== 0) throw new Mismatch(`The mode of the file is ${(mode & 0o777).toString(8)}.`);
        return `Mode ${(mode & 0o777).toString(8)}; ${presentKey(services.dataDir)?.keptIn === 'os-store' ? 'the key is encrypted, and the key store of the operating system opens it' : 'the key is kept in the file, in the clear'}.`;
      },
    },
    {
      id: 'OQ-10', title: 'Audit chain', expected: 'The chain is whole, and a changed copy of it is found out.',
      try() {
        const entries = [...services.store.audit.all()];
        // The signed head belongs to `audit verify`; here the chain itself is looked at.
        const faults = (chain: readonly AuditEntry[]) => verifyAuditChain(chain, { head: null, fault: null }).findings.filter(({ id, severity }) => severity === 'error' && id !== 'AUDIT_NO_HEAD');
        const [broken] = faults(entries);
        if (broken) throw new Mismatch(broken.message);
        const last = entries.at(-1);
        if (!last) throw new NotApplicable('The chain has no entry yet.');
        const [found] = faults([...entries.slice(0, -1), { ...last, actor: `${last.actor} ` }]);
        if (!found) throw new Mismatch('A changed entry was not found.');
        return Promise.resolve(`${entries.length} entries hold; a changed one was found: ${found.message}`);
      },
    },
    {
      id: 'OQ-11', title: 'Backup and restore', expected: 'A copy of the database opens and holds the same audit chain.',
      try: () => backUpStore(services, folder).then(({ entries, sizeBytes, same }) => {
        if (!same) throw new Mismatch('The copy differs.');
        return `${entries} entries in a copy of ${sizeBytes} bytes.`;
      }),
    },
  ];
}
