// The frozen table of shape and type rules by domain and operator; an operator that is not here has unknown outputs.
import { classicalMlRules } from './classicalMl.ts';
import { convolutionRules } from './convolutions.ts';
import { elementwiseRules } from './elementwise.ts';
import { matrixRules, microsoftRules } from './matrix.ts';
import { movementRules } from './movement.ts';
import { reductionRules } from './reductions.ts';
import type { Rule, RuleTable } from './Rule.ts';
import { sourceRules } from './sources.ts';

const standard: RuleTable = Object.freeze({ ...elementwiseRules, ...reductionRules, ...convolutionRules, ...matrixRules, ...movementRules, ...sourceRules });

/** The runtime's own domain also carries operators that later became standard. */
const microsoft: RuleTable = Object.freeze({ ...microsoftRules, FusedConv: convolutionRules['Conv'] ?? (() => []) });

const tables: Readonly<Record<string, RuleTable>> = { '': standard, 'ai.onnx': standard, 'ai.onnx.ml': classicalMlRules, 'com.microsoft': microsoft };

export function ruleOf(domain: string, operator: string): Rule | null {
  const table = Object.hasOwn(tables, domain) ? tables[domain] : undefined;
  return table && Object.hasOwn(table, operator) ? table[operator] ?? null : null;
}

/** How many operators have a rule, for the documentation and its test. */
export function ruleCount(): number {
  return [standard, classicalMlRules, microsoft].reduce((sum, table) => sum + Object.keys(table).length, 0);
}
