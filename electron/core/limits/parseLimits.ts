// Reads limits.yaml; a bad file says which line and key is wrong and what is allowed.
import { z } from 'zod';
import { limitSchema, protocolSchema, type Limit, type Protocol } from '#shared/contract/validation';
import { AppError } from '#shared/errors';
import { feedDisturbances } from '../robustness/disturbFeeds.ts';
import { imageDisturbances } from '../robustness/disturbImage.ts';
import { isFollowed } from '../robustness/primaryMetric.ts';
import { parseStrictYaml } from '../text/strictYaml.ts';
import { isOfSamples, metricTable } from './metricTable.ts';

const limitsFileSchema = protocolSchema.extend({ limits: z.array(limitSchema).min(1) });

/** Throws BAD_LIMITS with line, key and what is allowed. The order of the file is kept. */
export const parseLimits = (text: string, fileName = 'limits.yaml'): Limit[] => parseProtocol(text, fileName).limits;

/** Limits with what is written about the station beside them. Throws BAD_LIMITS, also where a risk names a limit that is not there. */
export function parseProtocol(text: string, fileName = 'limits.yaml'): { readonly limits: Limit[]; readonly protocol: Protocol } {
  const { limits, ...protocol } = parseStrictYaml(text, limitsFileSchema, { fileName, code: 'BAD_LIMITS' });
  const seen = new Set<string>();
  for (const limit of limits) {
    const fail = (why: string, hint: string): never => { throw new AppError('BAD_LIMITS', `${fileName}, line ${lineOfLimit(text, limit.id)}: the limit ${limit.id} ${why}.`, { hint }); };
    const { unit, range, needs = [], only } = metricTable[limit.metric];
    if (seen.has(limit.id)) fail('is given twice', 'Give every limit an id of its own.');
    seen.add(limit.id);
    if (limit.min === undefined && limit.max === undefined) fail('has neither min nor max', `Add ${only ?? 'min or max'} in ${unit}.`);
    if (limit.min !== undefined && limit.max !== undefined && limit.min > limit.max) fail('has a min above its max', 'Swap them.');
    if (only !== undefined && (only === 'max' ? limit.max : limit.min) === undefined) fail(`needs ${only}, because ${limit.metric} is ${only === 'max' ? 'better when smaller' : 'better when larger'}`, `Write ${only} instead of ${only === 'max' ? 'min' : 'max'}.`);
    for (const bound of [limit.min, limit.max]) {
      if (bound !== undefined && (!Number.isFinite(bound) || bound < range[0] || bound > range[1])) fail(`has ${bound}, which ${limit.metric} cannot reach`, `${limit.metric} is ${unit}, from ${range[0]} to ${range[1] === Number.POSITIVE_INFINITY ? 'any size' : range[1]}.`);
    }
    for (const key of needs) if (limit[key] === undefined) fail(`needs ${key}`, key === 'positive' ? 'Name the class that must not escape, such as positive: defect.' : 'Name the execution provider, such as provider: cpu.');
    for (const key of ['positive', 'provider', 'camera_ms', 'plc_ms', 'confidence'] as const) {
      if (limit[key] !== undefined && !metricTable[limit.metric].takes.includes(key)) fail(`has ${key}, which ${limit.metric} does not take`, `Beside id, metric, min, max and reason it takes ${metricTable[limit.metric].takes.join(', ') || 'nothing'}.`);
    }
  }
  for (const limit of limits) if (limit.disturbance !== undefined || limit.severity !== undefined) checkDisturbed(limit, (why, hint) => { throw new AppError('BAD_LIMITS', `${fileName}, line ${lineOfLimit(text, limit.id)}: the limit ${limit.id} ${why}.`, { hint }); });
  for (const { id, metric, subgroup, disturbance } of limits) {
    if (subgroup === undefined) continue;
    const fail = (why: string, hint: string): never => { throw new AppError('BAD_LIMITS', `${fileName}, line ${lineOfLimit(text, id)}: the limit ${id} ${why}.`, { hint }); };
    if (!isOfSamples(metric)) fail(`has a subgroup, but ${metric} is not measured by subgroup`, 'Subgroups are for figures of the answers, such as accuracy, recall or mae.');
    if (disturbance !== undefined) fail('has a subgroup and a disturbance', 'Make two limits of it.');
  }
  for (const { id, limits: named } of protocol.risks) {
    const stranger = named.find((name) => !seen.has(name));
    if (stranger !== undefined) throw new AppError('BAD_LIMITS', `${fileName}, line ${lineOfLimit(text, id)}: the risk ${id} names the limit ${stranger}, which is not in this file.`, { hint: `Limits: ${[...seen].join(', ')}.` });
  }
  return { limits, protocol };
}

/** A limit on disturbed samples is judged on what the curves hold. */
function checkDisturbed({ metric, disturbance, severity, confidence, positive }: Limit, fail: (why: string, hint: string) => never): void {
  const kinds = [...imageDisturbances, ...feedDisturbances];
  const severities = kinds.filter(({ kind }) => kind === disturbance).flatMap((each) => each.severities);
  if (disturbance === undefined) fail('has a severity without a disturbance', `Name one of: ${[...new Set(kinds.map(({ kind }) => kind))].join(', ')}.`);
  if (severities.length === 0) fail(`has the disturbance "${disturbance}", which is not known`, `Known are: ${[...new Set(kinds.map(({ kind }) => kind))].join(', ')}.`);
  if (severity === undefined || !severities.includes(severity)) fail(`needs a severity that ${disturbance} is run at`, `Choose one of ${[...new Set(severities)].sort((a, b) => a - b).join(', ')}.`);
  if (!isFollowed(metric)) fail(`is on ${metric}, which is not measured on disturbed samples`, 'docs/guide.md lists the figure of each task.');
  if (confidence !== undefined || positive !== undefined) fail(`has ${confidence === undefined ? 'positive' : 'confidence'}, which a limit on disturbed samples does not take`, 'It is judged on the bound at 95 %.');
}

/** The line on which the id is written last, which is the fault where an id is given twice; 1 where it cannot be found. */
function lineOfLimit(text: string, id: string): number {
  const escaped = id.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const pattern = new RegExp(`\\bid:\\s*["']?${escaped}["']?\\s*(,|}|$)`);
  const lines = text.split('\n');
  for (let line = lines.length - 1; line >= 0; line--) if (pattern.test(lines[line] ?? '')) return line + 1;
  return 1;
}
