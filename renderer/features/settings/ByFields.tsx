// Who makes a change, and the password of that person.
import { useState } from 'react';
import type { Credential, User } from '#shared/contract/people';
import { useOp } from '../../api/useOp.ts';
import { SelectField, TextField } from '../../ui/Field.tsx';

export interface By { readonly choices: readonly User[]; readonly user: string | null; readonly password: string; readonly setUser: (user: string | null) => void; readonly setPassword: (password: string) => void; readonly credential: Credential | null }

export const activeAdmins = (users: readonly User[]): User[] => users.filter((user) => user.role === 'Admin' && user.disabledAt === null);

/** Proposes who works here, else the only one there is. */
export function useBy(choices: readonly User[]): By {
  const userName = useOp('app.settings', {}).data?.userName ?? '';
  const [chosen, setUser] = useState<string | null>(null);
  const [password, setPassword] = useState('');
  const proposed = choices.find((user) => user.printedName === userName || user.user === userName) ?? (choices.length === 1 ? choices[0] : undefined);
  const user = chosen ?? proposed?.user ?? null;
  return { choices, user, password, setUser, setPassword, credential: user !== null && password !== '' ? { user, password } : null };
}

export function ByFields({ by, label, passwordLabel }: { readonly by: By; readonly label: string; readonly passwordLabel: string }) {
  return (
    <>
      <div style={{ width: 220 }}><SelectField label={label} choices={by.choices.map(({ user, printedName, role }) => ({ value: user, label: `${printedName} · ${role}` }))} value={by.user} onChange={by.setUser} /></div>
      <div style={{ width: 200 }}><TextField label={passwordLabel} secret="present" value={by.password} onChange={by.setPassword} /></div>
    </>
  );
}
