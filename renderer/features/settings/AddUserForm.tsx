// Adds a user: the first one is an Admin, the others are added by one.
import { useState } from 'react';
import { roles, type Role, type User } from '#shared/contract/people';
import { useAction } from '../../api/useOp.ts';
import { Button } from '../../ui/Button.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { SelectField, TextField } from '../../ui/Field.tsx';
import { activeAdmins, ByFields, useBy } from './ByFields.tsx';
import { NewPasswordFields, useNewPassword } from './NewPasswordFields.tsx';

export function AddUserForm({ users, onDone, onClose }: { readonly users: readonly User[]; readonly onDone: () => void; readonly onClose: () => void }) {
  const add = useAction('people.add');
  const isFirst = users.length === 0;
  const by = useBy(activeAdmins(users));
  const next = useNewPassword();
  const [user, setUser] = useState('');
  const [printedName, setPrintedName] = useState('');
  const [role, setRole] = useState<Role>(isFirst ? 'Admin' : 'Engineer');
  const ready = user.trim() !== '' && printedName.trim() !== '' && next.password !== null && (isFirst || by.credential !== null);
  const submit = async () => {
    if (next.password === null || !ready) return;
    if (await add.run({ user, printedName, role, password: next.password, ...(by.credential === null || isFirst ? {} : { by: by.credential }) })) onDone();
    else by.setPassword('');
  };
  return (
    <form className="stack" aria-label="Add a user" onSubmit={(event) => { event.preventDefault(); void submit(); }}>
      <div className="row wrap top">
        <div style={{ width: 220 }}><TextField label="Printed name" value={printedName} onChange={setPrintedName} placeholder="Eva Lang" help="Stands beside each signature." /></div>
        <div style={{ width: 160 }}><TextField label="User" value={user} onChange={setUser} mono placeholder="eva" /></div>
        <div style={{ width: 160 }}><SelectField label="Role" choices={roles.map((value) => ({ value, label: value }))} value={role} onChange={(value) => setRole(value as Role)} disabled={isFirst} help={isFirst ? 'The first user is an Admin.' : undefined} /></div>
        <NewPasswordFields next={next} />
        {!isFirst && <ByFields by={by} label="Added by" passwordLabel="Password of this Admin" />}
      </div>
      {add.error && <ErrorNote error={add.error} />}
      <div className="row"><Button type="submit" disabled={!ready || add.busy}>Add</Button><Button look="quiet" onClick={onClose}>Close</Button></div>
    </form>
  );
}
