// People: the users of this data folder, their roles and passwords. No answer ever holds a password or its hash.
import { z } from 'zod';
import { query } from './operation.ts';
import { isoTimeSchema, reasonSchema } from './references.ts';

export const roles = ['Operator', 'Engineer', 'Quality', 'Admin'] as const;
export const roleSchema = z.enum(roles);
export type Role = z.infer<typeof roleSchema>;

export const minPasswordLength = 12;

const userNameSchema = z.string().trim().toLowerCase().regex(/^[a-z0-9][a-z0-9._-]{0,31}$/, 'a user name has 1 to 32 of a-z, 0-9, ".", "_" and "-", and begins with a letter or digit');
const passwordSchema = z.string().min(1).max(1024);

/** Who does it, proven at that moment: nothing is remembered from one call to the next. */
export const credentialSchema = z.object({ user: z.string().trim().toLowerCase().min(1).max(120), password: passwordSchema });
export type Credential = z.infer<typeof credentialSchema>;

export const userSchema = z.object({
  user: z.string(), printedName: z.string(), role: roleSchema, createdAt: isoTimeSchema, passwordChangedAt: isoTimeSchema,
  /** admin: another person chose the present password, and so may know it. */
  passwordSetBy: z.enum(['self', 'admin']),
  disabledAt: isoTimeSchema.nullable(),
  /** Set after too many wrong passwords: until then none is looked at. */
  lockedUntil: isoTimeSchema.nullable(),
});
export type User = z.infer<typeof userSchema>;

export const peopleOperations = {
  'people.list': query('List users', () => z.object({}), () => z.array(userSchema)),
  /** The first user is an Admin and needs nobody; each further one is added by an Admin. */
  'people.add': query('Add a user', () => z.object({ user: userNameSchema, printedName: z.string().trim().min(1).max(120), role: roleSchema, password: passwordSchema, by: credentialSchema.optional() }), () => userSchema),
  /** Role, disabled or not: by an Admin. Users are never removed, since signatures name them. */
  'people.change': query('Change a user', () => z.object({ user: z.string().trim().toLowerCase().min(1).max(120), role: roleSchema.optional(), disabled: z.boolean().optional(), reason: reasonSchema, by: credentialSchema }), () => userSchema),
  /** By the user with the present password, or by an Admin. */
  'people.setPassword': query('Change a password', () => z.object({ user: z.string().trim().toLowerCase().min(1).max(120), password: passwordSchema, by: credentialSchema }), () => userSchema),
} as const;
