import { expect, it } from 'vitest';
import { deviationWords, isAuthor, nextMeaning, signerWords } from './words.ts';

it('asks for the signature that a report lacks next, whatever order they were given in', () => {
  expect(nextMeaning([])).toBe('prepared');
  expect(nextMeaning([{ meaning: 'prepared' }])).toBe('reviewed');
  expect(nextMeaning([{ meaning: 'approved' }, { meaning: 'prepared' }])).toBe('reviewed');
  expect(nextMeaning([{ meaning: 'prepared' }, { meaning: 'reviewed' }, { meaning: 'approved' }])).toBeNull();
});

it('calls a name authenticated only where the signature says so', () => {
  expect([{ role: 'Quality', authenticated: true }, { role: 'Engineer', authenticated: false }, { role: '' }, {}].map(signerWords)).toEqual(['Quality, authenticated', 'Engineer, name not authenticated', 'name not authenticated', 'name not authenticated']);
});
it('knows the author by printed name and by user name, in any spelling', () => {
  const signatures = [{ meaning: 'prepared', signer: ' m.  WEBER' }, { meaning: 'reviewed', signer: 'A. Kaya' }];
  expect([{ user: 'weber', printedName: 'M. Weber' }, { user: 'kaya', printedName: 'A. Kaya' }, { user: 'm. weber', printedName: 'Other' }].map((user) => isAuthor(signatures, user))).toEqual([true, false, true]);
});

it('calls an open deviation overdue from the day after it is due', () => {
  const words = (dueDate: string) => deviationWords({ closure: null, dueDate }, '2026-12-01T08:00:00Z');
  expect([words('2026-11-30'), words('2026-12-01'), words('2026-12-02')]).toEqual(['Open, overdue', 'Open', 'Open']);
  expect(deviationWords({ closure: { at: '', by: '', role: '', authenticated: true, cause: '', action: '', evidence: '' }, dueDate: '2026-11-30' }, '2026-12-01')).toBe('Closed');
});
