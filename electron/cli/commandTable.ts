// Every command of the terminal, in the order in which help lists them.
import type { Command } from 'commander';
import type { CliContext } from './CliContext.ts';
import { registerCompletion } from './commands/completion.ts';
import { registerDatasets } from './commands/datasets.ts';
import { registerJobs } from './commands/jobs.ts';
import { registerMachine } from './commands/machine.ts';
import { registerStations } from './commands/stations.ts';
import { registerUi } from './commands/ui.ts';

export const commandTable: ReadonlyArray<(program: Command, cli: CliContext) => void> = [registerMachine, registerStations, registerDatasets, registerJobs, registerUi, registerCompletion];
