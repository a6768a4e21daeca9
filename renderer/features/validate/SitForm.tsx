// Who does it: one of the users and the password, or two of them where both judges act together; a password is forgotten after each try.
import { useState, type ReactNode } from 'react';
import type { Credential, User } from '#shared/contract/people';
import { Button } from '../../ui/Button.tsx';
import { CheckField, SelectField, TextField } from '../../ui/Field.tsx';

interface SitFormProps { readonly users: readonly User[]; readonly label: string; readonly verb: string; readonly icon?: ReactNode; readonly busy: boolean; readonly mayBeTwo?: boolean; readonly onSubmit: (by: Credential, other: Credential | null) => void }

export function SitForm({ users, label, verb, icon, busy, mayBeTwo = false, onSubmit }: SitFormProps) {
  const [who, setWho] = useState<readonly (string | null)[]>([null, null]);
  const [passwords, setPasswords] = useState<readonly string[]>(['', '']);
  const [together, setTogether] = useState(false);
  const places = together && mayBeTwo ? [0, 1] : [0];
  const ready = places.every((place) => who[place] && passwords[place]);
  const put = <T,>(list: readonly T[], place: number, value: T) => list.map((old, at) => (at === place ? value : old));
  const send = () => {
    if (!ready || busy) return;
    const credential = (place: number): Credential => ({ user: who[place] ?? '', password: passwords[place] ?? '' });
    setPasswords(['', '']);
    onSubmit(credential(0), places.length === 2 ? credential(1) : null);
  };
  return (
    <div className="stack tight" role="group" aria-label={label}>
      {mayBeTwo && <CheckField label="Both judges together" checked={together} onChange={setTogether} />}
      {places.map((place) => (
        <div className="row wrap" key={place} style={{ alignItems: 'flex-end' }}>
          <div style={{ width: 220 }}><SelectField label={place === 0 ? 'Person' : 'Second person'} placeholder="Who" choices={users.map(({ user, printedName, role, disabledAt }) => ({ value: user, label: `${printedName} · ${role}`, disabled: disabledAt !== null }))} value={who[place] ?? null} onChange={(value) => setWho(put(who, place, value))} /></div>
          <div style={{ width: 180 }}><TextField label={place === 0 ? 'Password' : 'Second password'} secret="present" value={passwords[place] ?? ''} onChange={(value) => setPasswords(put(passwords, place, value))} onEnter={send} /></div>
          {place === places.at(-1) && <Button icon={icon} disabled={!ready || busy} onClick={send}>{verb}</Button>}
        </div>
      ))}
    </div>
  );
}
