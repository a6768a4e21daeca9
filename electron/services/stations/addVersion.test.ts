// A version that took its number before another was deployed does not take that one's place.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fakeDeployment } from '#test/fakes/deployment';
import { openEvidenceBed, type EvidenceBed } from '#test/golden/report/evidenceBed';
import { addVersion } from './addVersion.ts';
import { getDeployment, putDeployment } from './deployments.ts';

let bed: EvidenceBed;
beforeEach(() => { bed = openEvidenceBed(); });
afterEach(() => { bed.close(); });

const known = fakeDeployment();
const versionOf = (live: string) => { const [version] = fakeDeployment({ live }).versions; if (!version) throw new Error('a fake has a version'); return version; };
const add = (id = 'v2') => addVersion(bed.services, known, versionOf(id), null);
const stored = () => getDeployment(bed.services, known.id);

it('becomes the candidate, and answers what was before', () => {
  putDeployment(bed.services, { ...known, desired: 'stopped' });
  expect(add()).toMatchObject({ desired: 'stopped', candidate: null });
  // Only what serves is wished for as such.
  expect(stored()).toMatchObject({ desired: 'stopped', live: 'v1', candidate: 'v2', trial: null, revision: 2, versions: [{ id: 'v1' }, { id: 'v2' }] });
});

it('gives way to a version that another has deployed under the same number meanwhile', () => {
  putDeployment(bed.services, { ...known, versions: [...known.versions, versionOf('v2')], live: 'v2', previous: 'v1' });
  const before = stored();
  expect(add).toThrow(expect.objectContaining({ code: 'BUSY' }));
  expect(stored()).toEqual(before);
});

it('gives way to a version that another has put on trial, to a removal, and to another first deployment', () => {
  putDeployment(bed.services, { ...known, versions: [...known.versions, versionOf('v2')], candidate: 'v2', trial: { kind: 'canary', percent: 10, keyHeader: null } });
  expect(() => add('v3')).toThrow(expect.objectContaining({ code: 'BUSY', message: expect.stringContaining('on trial') as string }));
  putDeployment(bed.services, { ...known, desired: 'removed' });
  expect(add).toThrow(expect.objectContaining({ code: 'BUSY' }));
  putDeployment(bed.services, { ...known, gatewayKey: 'of a station that was removed and deployed again' });
  expect(add).toThrow(expect.objectContaining({ code: 'BUSY' }));
});

it('takes the place of what a crash left half-way', () => {
  putDeployment(bed.services, { ...known, versions: [...known.versions, versionOf('v2')], candidate: 'v2' });
  add('v3');
  expect(stored().candidate).toBe('v3');
});
