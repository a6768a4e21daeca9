// A host for the self-test of power loss: a real one on a data folder of its own, whose job writes files slowly enough to be killed in the middle of one.
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '#shared/errors';
import { trialParts, trialSteps } from '#services/qualification/powerLoss';
import { openAtomicTarget } from '#services/files/writeFileAtomic';
import { onParentChannel } from '#services/workers/parentChannel';
import { createHost } from '../createHost.ts';

const { MILLWRIGHT_TRIAL_DATA: dataDir } = process.env;
if (dataDir === undefined) throw new Error('MILLWRIGHT_TRIAL_DATA must be set by the self-test.');

const silent = () => undefined;
const host = createHost({
  dataDir, resourcesDir: dataDir, workers: { launch: () => Promise.reject(new AppError('INTERNAL', 'The trial host starts no model.')) }, shell: 'cli', log: { info: silent, warn: silent, error: silent },
  handlers: () => ({
    // Jobs, checkpoints, recovery and the writer are those of every host; only what the job does is made for the trial.
    'datasets.seal': {
      subject: () => 'power loss',
      async run({ data }, job) {
        const folder = 'path' in data ? data.path : '';
        const from = Number(job.resumeState ?? 0);
        for (let step = from; step < trialSteps; step++) {
          const target = await openAtomicTarget(join(folder, `step-${step}.bin`), { force: true });
          const file = await open(target.tempPath, 'w');
          for (let part = 0; part < trialParts.count; part++) {
            await file.write(Buffer.alloc(trialParts.bytes, step + 1));
            await wait(trialParts.pauseMs);
          }
          await file.close();
          await target.commit();
          job.checkpoint(step + 1);
        }
        return { manifestSha256: '0'.repeat(64), samples: from, sealedAt: new Date().toISOString() };
      },
    },
  }),
});
onParentChannel((channel) => {
  channel.onClose(() => { void host.close().finally(() => process.exit(0)); });
  host.connect(channel);
});
