// What changed, in the detail of an audit entry: old and new value of each field, and the reason that a person gave; written and read in one form.
import { z } from 'zod';

type Fields = Readonly<Record<string, unknown>>;
export interface AuditChange { readonly old: Fields; readonly new: Fields }
/** One field of a change as text; null where there was, or is, no value. */
export interface ChangedField { readonly field: string; readonly old: string | null; readonly new: string | null }

const same = (a: unknown, b: unknown) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/** The fields that differ, for the detail of an entry; null where none does. */
export function changeBetween<T extends object>(before: T, after: T): AuditChange | null {
  const fieldsOf = (value: T) => new Map<string, unknown>(Object.entries(value));
  const [was, is] = [fieldsOf(before), fieldsOf(after)];
  const fields = [...new Set([...was.keys(), ...is.keys()])].filter((field) => !same(was.get(field), is.get(field)));
  const pick = (from: ReadonlyMap<string, unknown>) => Object.fromEntries(fields.map((field) => [field, from.get(field) ?? null]));
  return fields.length === 0 ? null : { old: pick(was), new: pick(is) };
}

const detailSchema = z.object({ old: z.record(z.string(), z.unknown()).nullish(), new: z.record(z.string(), z.unknown()).nullish(), reason: z.string().nullish() });
const textOf = (value: unknown): string | null => (value === null || value === undefined ? null : typeof value === 'string' ? value : Array.isArray(value) && value.every((each) => typeof each === 'string') ? value.join('; ') : JSON.stringify(value));

/** From the detail of any entry: none where it tells of no change. What is the same before and after is left out. */
export function changedFields(detail: unknown): ChangedField[] {
  const told = detailSchema.safeParse(detail);
  if (!told.success) return [];
  const { old, new: next } = told.data;
  return [...new Set([...Object.keys(old ?? {}), ...Object.keys(next ?? {})])].filter((field) => !same(old?.[field], next?.[field])).map((field) => ({ field, old: textOf(old?.[field]), new: textOf(next?.[field]) }));
}

/** Null where no reason was given. */
export function reasonGiven(detail: unknown): string | null {
  const told = detailSchema.safeParse(detail);
  return told.success ? told.data.reason ?? null : null;
}

/** "taktMs 40 -> 60; line none -> Line 2. Reason: new feeder" on one line; empty where the entry has neither. */
export function changeLine(detail: unknown): string {
  const changes = changedFields(detail).map((change) => `${change.field} ${change.old ?? 'none'} -> ${change.new ?? 'none'}`).join('; ');
  const reason = reasonGiven(detail);
  return [changes, reason === null ? '' : `Reason: ${reason}`].filter((part) => part !== '').join('. ');
}
