// Every command of the terminal, in the order in which help lists them.
import type { Command } from 'commander';
import type { CliContext } from './CliContext.ts';
import { registerAgreement } from './commands/agreement.ts';
import { registerAudit } from './commands/audit.ts';
import { registerBenchmarks } from './commands/benchmarks.ts';
import { registerCompare } from './commands/compare.ts';
import { registerCompletion } from './commands/completion.ts';
import { registerCourt } from './commands/court.ts';
import { registerDatasets } from './commands/datasets.ts';
import { registerDeviations } from './commands/deviations.ts';
import { registerEvidence } from './commands/evidence.ts';
import { registerImages } from './commands/images.ts';
import { registerJobs } from './commands/jobs.ts';
import { registerKeys } from './commands/keys.ts';
import { registerMachine } from './commands/machine.ts';
import { registerModels } from './commands/models.ts';
import { registerOptimize } from './commands/optimize.ts';
import { registerPeople } from './commands/people.ts';
import { registerServe } from './commands/serve.ts';
import { registerStations } from './commands/stations.ts';
import { registerUi } from './commands/ui.ts';
import { registerValidation } from './commands/validation.ts';

export const commandTable: ReadonlyArray<(program: Command, cli: CliContext) => void> = [
  registerStations, registerMachine, registerModels, registerDatasets, registerOptimize, registerCompare, registerBenchmarks, registerValidation, registerCourt, registerAgreement, registerEvidence, registerDeviations, registerImages, registerAudit, registerKeys, registerPeople, registerJobs, registerServe, registerUi, registerCompletion,
];
