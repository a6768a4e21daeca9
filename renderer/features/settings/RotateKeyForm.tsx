// Makes a new signing key: by an Admin with the password, or in a typed name where there are no users.
import { useState } from 'react';
import type { User } from '#shared/contract/people';
import { useAction } from '../../api/useOp.ts';
import { Button } from '../../ui/Button.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { TextField } from '../../ui/Field.tsx';
import { activeAdmins, ByFields, useBy } from './ByFields.tsx';

export function RotateKeyForm({ users, onDone, onClose }: { readonly users: readonly User[]; readonly onDone: () => void; readonly onClose: () => void }) {
  const rotate = useAction('keys.rotate');
  const by = useBy(activeAdmins(users));
  const [reason, setReason] = useState('');
  const [name, setName] = useState('');
  const who = users.length === 0 ? (name.trim() === '' ? null : { signer: name.trim() }) : by.credential === null ? null : { by: by.credential };
  const ready = who !== null && reason.trim() !== '' && !rotate.busy;
  const submit = async () => {
    if (who === null || !ready) return;
    if (await rotate.run({ reason: reason.trim(), ...who })) onDone();
    else by.setPassword('');
  };
  return (
    <form className="stack" aria-label="Rotate the key" onSubmit={(event) => { event.preventDefault(); void submit(); }}>
      <p>A new key signs from now on. The present one signs the new one, is retired and does not come back. Tell the new id to those who verify your evidence.</p>
      <div className="row wrap top">
        <div style={{ width: 300 }}><TextField label="Reason" value={reason} onChange={setReason} placeholder="Yearly change" /></div>
        {users.length === 0 ? <div style={{ width: 220 }}><TextField label="Name" value={name} onChange={setName} placeholder="Name as you sign" /></div> : <ByFields by={by} label="Rotated by" passwordLabel="Password of this Admin" />}
      </div>
      {rotate.error && <ErrorNote error={rotate.error} />}
      <div className="row"><Button type="submit" disabled={!ready}>Rotate the key</Button><Button look="quiet" onClick={onClose}>Close</Button></div>
    </form>
  );
}
