// A new password, typed twice; what it must be is judged by the host.
import { useState } from 'react';
import { minPasswordLength } from '#shared/contract/people';
import { TextField } from '../../ui/Field.tsx';

export interface NewPassword { readonly first: string; readonly again: string; readonly setFirst: (text: string) => void; readonly setAgain: (text: string) => void; /** Null until both are the same and long enough. */ readonly password: string | null }

export function useNewPassword(): NewPassword {
  const [first, setFirst] = useState('');
  const [again, setAgain] = useState('');
  return { first, again, setFirst, setAgain, password: [...first].length >= minPasswordLength && first === again ? first : null };
}

export function NewPasswordFields({ next: { first, again, setFirst, setAgain } }: { readonly next: NewPassword }) {
  const differs = again.length >= first.length && again !== first;
  return (
    <>
      <div style={{ width: 200 }}><TextField label="New password" secret="new" value={first} onChange={setFirst} help={`At least ${minPasswordLength} characters.`} /></div>
      <div style={{ width: 200 }}><TextField label="New password, again" secret="new" value={again} onChange={setAgain} wrong={differs ? 'The two differ.' : null} /></div>
    </>
  );
}
