// Every noun's handlers in one table; the type Handlers makes a missing one a compile error.
import type { Services } from '#services/Services';
import type { Jobs } from '../jobs/openJobs.ts';
import type { Handlers } from './Handlers.ts';
import { agreementHandlers } from './agreementHandlers.ts';
import { appHandlers, type Shell } from './appHandlers.ts';
import { benchmarksHandlers } from './benchmarksHandlers.ts';
import { courtHandlers } from './courtHandlers.ts';
import { datasetsHandlers } from './datasetsHandlers.ts';
import { deviationsHandlers } from './deviationsHandlers.ts';
import { evidenceHandlers } from './evidenceHandlers.ts';
import { imagesHandlers } from './imagesHandlers.ts';
import { jobsHandlers } from './jobsHandlers.ts';
import { keysHandlers } from './keysHandlers.ts';
import { machineHandlers } from './machineHandlers.ts';
import { modelsHandlers } from './modelsHandlers.ts';
import { optimizeHandlers } from './optimizeHandlers.ts';
import { peopleHandlers } from './peopleHandlers.ts';
import { servingHandlers } from './servingHandlers.ts';
import { stationsHandlers } from './stationsHandlers.ts';
import { transferHandlers } from './transferHandlers.ts';
import { validationHandlers } from './validationHandlers.ts';

export const handlerTable = (services: Services, jobs: Jobs, shell: Shell, headKept: Promise<unknown>): Handlers => {
  const peers = {
    ...agreementHandlers(services),
    ...benchmarksHandlers(services),
    ...courtHandlers(services, jobs),
    ...datasetsHandlers(services),
    ...deviationsHandlers(services),
    ...evidenceHandlers(services, headKept),
    ...imagesHandlers(services),
    ...keysHandlers(services),
    ...machineHandlers(services),
    ...modelsHandlers(services),
    ...optimizeHandlers(services),
    ...peopleHandlers(services),
    ...transferHandlers(services),
    ...validationHandlers(services),
  };
  return { ...appHandlers(services, shell), ...peers, ...stationsHandlers(services, peers), ...servingHandlers(services, peers), ...jobsHandlers(jobs) };
};
