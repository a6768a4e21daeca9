// A host as a program, for the test that kills it: runs one job that writes files step by step and checkpoints after each.
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createHost } from '#host/createHost';
import { openAtomicTarget } from '#services/files/writeFileAtomic';
import { fakeStation } from '#test/fakes/stationRecord';
import { noWorkers, testLog } from '#test/fakes/testHost';

const [dataDir, outputDir, steps, pauseMs] = process.argv.slice(2);
if (dataDir === undefined || outputDir === undefined) throw new Error('Usage: program DATADIR OUTPUTDIR STEPS PAUSE_MS');

const host = createHost({
  dataDir, resourcesDir: dataDir, workers: noWorkers, shell: 'test', log: testLog(),
  handlers: () => ({
    'stations.commission': {
      subject: () => 'killed',
      run: async (_input, job) => {
        for (let step = Number(job.resumeState ?? 0); step < Number(steps); step++) {
          const target = await openAtomicTarget(join(outputDir, `step-${step}.bin`), { force: true });
          const file = openSync(target.tempPath, 'w');
          for (let part = 0; part < 64; part++) { // slowly enough to be hit in the middle of a file
            writeSync(file, Buffer.alloc(16 * 1024, step));
            await new Promise((resolve) => { setTimeout(resolve, Number(pauseMs) / 64); });
          }
          closeSync(file);
          await target.commit();
          job.checkpoint(step + 1);
          process.stdout.write(`finished ${step}\n`);
        }
        return { station: 'x', stationId: 'x', verdict: 'PASS', limits: [], steps: [], evidence: { zip: '', html: '', pdf: '', json: '', junit: '' }, modelId: '', candidateModelId: null, evidenceId: '' };
      },
    },
    'stations.get': async () => fakeStation(),
  }),
});
void host.call('stations.commission', { outputDir }).then(({ jobId }) => process.stdout.write(`job ${jobId}\n`));
