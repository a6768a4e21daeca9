// Puts what a schema says of a value into one sentence that names the place.
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** The issue that says most: within a union, the one of the member that came furthest. */
function deepest(issue: Issue): { path: PropertyKey[]; message: string } {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return { path: [...issue.path], message: issue.message };
  const members = issue.errors.map((errors) => errors[0]).filter((inner) => inner !== undefined).map(deepest);
  const typed = members.filter((member) => !member.message.startsWith('Unrecognized key'));
  const best = (typed.length > 0 ? typed : members).reduce<{ path: PropertyKey[]; message: string } | null>((a, b) => (a && a.path.length >= b.path.length ? a : b), null);
  return best ? { path: [...issue.path, ...best.path], message: best.message } : { path: [...issue.path], message: issue.message };
}

const placeOf = (path: readonly PropertyKey[]) => path.reduce<string>((text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`), '');

/** "maxDropPercent: Too big: expected number to be <=100"; further issues are counted. */
export function describeIssues(error: z.ZodError): string {
  const [first, ...others] = error.issues;
  if (!first) return 'it does not fit';
  const { path, message } = deepest(first);
  const place = placeOf(path);
  return `${place === '' ? '' : `${place}: `}${message.charAt(0).toLowerCase()}${message.slice(1)}${others.length > 0 ? ` (and ${others.length} more)` : ''}`;
}
