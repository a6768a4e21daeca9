// The fields of a signature: user and password where there are users, else the name.
import { IconSignature } from '@tabler/icons-react';
import { Button } from '../../ui/Button.tsx';
import { SelectField, TextField } from '../../ui/Field.tsx';
import type { Signing } from './useSigning.ts';
import { meaningWords, meanings, type Meaning } from './words.ts';

export function SignForm({ signing }: { readonly signing: Signing }) {
  const { asksPassword, busy, choices, meaning, name, password, ready, submit, user } = signing;
  const send = () => void submit();
  const meaningField = <div style={{ width: 160 }}><SelectField label="Meaning" choices={meanings.map((value) => ({ value, label: meaningWords[value] }))} value={meaning} onChange={(value) => signing.setMeaning(value as Meaning)} /></div>;
  return (
    <div className="row wrap" style={{ alignItems: 'flex-end' }}>
      {asksPassword ? (
        <>
          {meaningField}
          <div style={{ width: 220 }}><SelectField label="User" choices={choices} value={user} onChange={signing.setUser} placeholder="Who signs" /></div>
          <div style={{ width: 180 }}><TextField label="Password" secret="present" value={password} onChange={signing.setPassword} onEnter={send} /></div>
        </>
      ) : <><div style={{ width: 220 }}><TextField label="Name" value={name} onChange={signing.setName} placeholder="Name as you sign" onEnter={send} /></div>{meaningField}</>}
      <Button icon={<IconSignature size={15} aria-hidden />} disabled={!ready || busy} onClick={send}>Sign</Button>
    </div>
  );
}
