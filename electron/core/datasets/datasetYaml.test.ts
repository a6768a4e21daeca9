// dataset.yaml: what a person states of the samples, and one sentence with line and key for what does not fit.
import { expect, it } from 'vitest';
import { parseDatasetYaml, statedIn } from './datasetYaml.ts';

it('reads when samples were collected, who labelled them, and what was left out', () => {
  const yaml = parseDatasetYaml(`name: Lids
collected: { from: 2026-03-01, to: 2026-03-31 }
labelling: { who: Two inspectors, how: each lid by both, agreement: 0.94 }
exclusions:
  - { what: 31 lids of the night shift, why: lamp broken }
`);
  expect(statedIn(yaml)).toEqual({ collected: { from: '2026-03-01', to: '2026-03-31' }, labelling: { who: 'Two inspectors', how: 'each lid by both', agreement: '0.94' }, exclusions: [{ what: '31 lids of the night shift', why: 'lamp broken' }] });
  expect(statedIn(parseDatasetYaml('name: Lids'))).toBeNull();
  expect(statedIn(parseDatasetYaml('labelling: { who: QA, how: by eye }'))).toEqual({ labelling: { who: 'QA', how: 'by eye' } });
});

it.each([
  ['collected: { form: 2026-03-01, to: 2026-03-31 }', 'dataset.yaml, line 1: "form" is not a key that is known in collected; did you mean "from"?'],
  ['collected: { from: 2026-03-01 }', 'dataset.yaml, line 1: collected.to is missing.'],
  ['name: a\ncollected: { from: 1 March, to: 2026-03-31 }', 'dataset.yaml, line 2: collected.from is "1 March", but it must be a date such as 2026-03-01.'],
  ['collected: { from: 2026-02-30, to: 2026-03-31 }', 'dataset.yaml, line 1: collected.from is "2026-02-30", but it must be a date that there is.'],
  ['collected: { from: 2026-04-01, to: 2026-03-31 }', 'dataset.yaml, line 1: collected is a group of keys, but it must end on the day that it begins, or later.'],
  ['collected: last spring', 'dataset.yaml, line 1: collected is "last spring", but it must be a group of keys.'],
  ['labelling: { who: QA }', 'dataset.yaml, line 1: labelling.how is missing.'],
  ['labelling: { who: 7, how: by eye }', 'dataset.yaml, line 1: labelling.who is "7", but it must be a text.'],
  ['exclusions: none', 'dataset.yaml, line 1: exclusions is "none", but it must be a list.'],
  ['exclusions:\n  - { what: a, why: b }\n  - { what: c }', 'dataset.yaml, line 3: exclusions[2].why is missing.'],
  ['exlusions: []', 'dataset.yaml, line 1: "exlusions" is not a key that is known here; did you mean "exclusions"?'],
])('says in one sentence what does not fit: %s', (text, message) => {
  expect(() => parseDatasetYaml(text)).toThrow(expect.objectContaining({ code: 'BAD_DATA', message }));
});
