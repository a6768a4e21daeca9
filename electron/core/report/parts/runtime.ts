// How the runtime was set: the same in every section whose figures depend on it.
import { describeRuntime, type RuntimeUse } from '#shared/contract/runtimeOptions';
import { facts, heading, notPerformed, recorded, type Block } from '../model.ts';
import type { ValidationReceipt } from '../receipt.ts';
import { recordedWords } from '../texts/recordedWords.ts';
import { say, type Said } from '../texts/say.ts';

const threadsText = (threads: number): string => (threads === 0 ? say('as the runtime chooses') : String(threads));

function originText({ origin, station }: RuntimeUse): Said {
  switch (origin) {
    case 'station': return say('as the station {station} serves', { station: station ?? '' });
    case 'default': return say('as the serving runtime sets it on this machine');
    case 'given': return say('as asked for in this run');
  }
}

export function runtimeBlocks({ runtime }: Pick<ValidationReceipt, 'runtime'>): Block[] {
  if (runtime === null) return [notPerformed('Session options', 'They were not recorded in this run.')];
  return [
    heading('Session options'),
    facts([
      ['Set as', originText(runtime)], ['Execution provider', runtime.provider], ['Threads within an operator', threadsText(runtime.threads)], ['Threads between operators', threadsText(runtime.interOpThreads)],
      ['Execution mode', runtime.executionMode === 'parallel' ? say('parallel') : say('sequential')], ['Graph optimization', runtime.optimization], ['Batch', String(runtime.batch)],
    ]),
    ...(runtime.note === null ? [] : [recorded(runtime.note, 'warn')]),
  ];
}

/** In § 21, among what the report is valid for. */
export const runtimeLine = ({ runtime }: Pick<ValidationReceipt, 'runtime'>): string => (runtime === null ? say('not recorded') : recordedWords(describeRuntime(runtime)));
