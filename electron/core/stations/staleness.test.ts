import { expect, it } from 'vitest';
import { compareOperation, type OperatingFacts } from './staleness.ts';

const approved: OperatingFacts = { processor: 'A, 4 cores', memory: '16 GiB', system: 'Debian 12', driver: 'none', runtime: '1.30.0', session: null, image: null, model: 'aa', preprocessing: '{"scale":1}', threshold: null, limits: 'bb' };

it('finds nothing where all is as approved, and does not compare what is not known', () => {
  expect(compareOperation(approved, { ...approved, image: 'sha256:1', threshold: '0.5' })).toEqual({ differences: [], sections: [] });
});

it('names what differs and only the sections that hang on it, in the order of the report', () => {
  expect(compareOperation(approved, { ...approved, memory: '8 GiB' })).toEqual({ differences: [{ part: 'memory', approved: '16 GiB', now: '8 GiB' }], sections: ['iq', 'performance'] });
  expect(compareOperation(approved, { ...approved, memory: '8 GiB', limits: 'cc' }).sections).toEqual(['iq', 'accuracy', 'parity', 'performance']);
  expect(compareOperation(approved, { ...approved, model: 'dd' }).sections).toEqual(['iq', 'oq', 'accuracy', 'parity', 'robustness', 'performance']);
});
