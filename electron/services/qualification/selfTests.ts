// Operational qualification: the tool tries on this machine what a user relies on, and writes down what happened.
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditEntry } from '#shared/contract/evidence';
import type { SelfTest } from '#shared/contract/validation';
import { isAppError } from '#shared/errors';
import type { Feeds } from '#shared/tensor';
import { parseLimits } from '#core/limits/parseLimits';
import { openSigningKey, presentKey } from '../evidence/keys.ts';
import { verifyAuditChain } from '../evidence/verifyAudit.ts';
import { openSession } from '../inference/openSession.ts';
import { readModelFile } from '../models/readModelFile.ts';
import type { JobContext, Services } from '../Services.ts';
import { backUpStore } from './backUpStore.ts';
import { powerLoss, trialSteps, type PowerLoss } from './powerLoss.ts';
import { Mismatch, NotApplicable, type Trial } from './Trial.ts';
import { tryAlarm } from './tryAlarm.ts';
import { tryRoles } from './tryRoles.ts';

/** The model under test with a sample that it takes. */
export interface Subject { readonly path: string; readonly feeds: Feeds; readonly fetches: readonly string[] | null }

const cancelDeadlineMs = 5000;

/** Every trial ends with pass, fail or unknown; none of them changes anything that the user has. */
export async function selfTests(services: Services, subject: Subject, context: Pick<JobContext, 'signal' | 'killSignal' | 'progress' | 'workDir'>): Promise<SelfTest[]> {
  // Copies of the database and the keys come here: within the data folder, that only its user reads and whose scratch is swept after a kill.
  const folder = join(context.workDir, 'self-tests');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
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

function trialsOf(services: Services, subject: Subject, folder: string): Trial[] {
  const asked = subject.fetches === null ? {} : { fetches: subject.fetches };
  const open = () => openSession(services, { path: subject.path });
  // One loss of power is looked at twice: by the job and by the file.
  let loss: Promise<PowerLoss> | null = null;
  const lost = () => (loss ??= powerLoss(services, folder));
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
      id: 'OQ-6', title: 'Power loss', expected: 'A host that is killed (SIGKILL) in the middle of a job finds the job interrupted at its next start and goes on from its checkpoint.',
      async try() {
        const { finished, resumedFrom } = await lost();
        return `Killed after ${finished} of ${trialSteps} steps; at the next start the job was interrupted, and resumed from step ${resumedFrom} it ended.`;
      },
    },
    {
      id: 'OQ-7', title: 'A write that is interrupted', expected: 'A process that is killed while it writes a file leaves nothing half-written under a final name, and the next start sweeps what it left.',
      async try() {
        const { finished, partialBefore, partialAfter } = await lost();
        return `Killed with ${partialBefore} file in the middle of being written: ${finished} whole under their final names, none half-written; ${partialAfter} left after the next start.`;
      },
    },
    { id: 'OQ-8', title: 'Alarm', expected: 'A clock that is set back by an hour raises the alarm clock.jump, which is recorded in the audit trail and told by its check; one second raises none.', try: () => tryAlarm(services, folder) },
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
      id: 'OQ-11', title: 'Backup and restore', expected: 'Database and keys, restored into an empty folder, open and hold the same audit chain and the same records.',
      try: () => backUpStore(services, folder).then(({ entries, records, sizeBytes, differences: [difference] }) => {
        if (difference !== undefined) throw new Mismatch(difference);
        return `${entries} entries and ${records} records in a restored folder with a database of ${sizeBytes} bytes.`;
      }),
    },
    { id: 'OQ-12', title: 'Roles', expected: 'Each role is refused what it may not do: the author approves, the operator signs, an engineer approves or adds users, an unknown user or a wrong password signs.', try: () => tryRoles(services, folder) },
    {
      id: 'OQ-13', title: 'Loss of a process', expected: 'A model process that is killed (SIGKILL) becomes an error of that call; a fresh one answers.',
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
  ];
}
