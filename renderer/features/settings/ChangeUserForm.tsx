// Changes a user's role, disables or enables one; by an Admin.
import { useState } from 'react';
import { roles, type Role, type User } from '#shared/contract/people';
import { useAction } from '../../api/useOp.ts';
import { Button } from '../../ui/Button.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { SelectField, TextField } from '../../ui/Field.tsx';
import { activeAdmins, ByFields, useBy } from './ByFields.tsx';

export function ChangeUserForm({ user, users, onDone, onClose }: { readonly user: User; readonly users: readonly User[]; readonly onDone: () => void; readonly onClose: () => void }) {
  const change = useAction('people.change');
  const by = useBy(activeAdmins(users));
  const [role, setRole] = useState<Role>(user.role);
  const [reason, setReason] = useState('');
  const isDisabled = user.disabledAt !== null;
  const submit = async (what: { readonly role?: Role; readonly disabled?: boolean }) => {
    if (by.credential === null) return;
    if (await change.run({ user: user.user, ...what, ...(reason.trim() === '' ? {} : { reason }), by: by.credential })) onDone();
    else by.setPassword('');
  };
  const blocked = by.credential === null || change.busy;
  return (
    <form className="stack" aria-label={`Change ${user.printedName}`} onSubmit={(event) => { event.preventDefault(); if (role !== user.role) void submit({ role }); }}>
      <p>Change <b>{user.printedName}</b>. Users are never removed, because signatures name them.</p>
      <div className="row wrap top"><ByFields by={by} label="Changed by" passwordLabel="Password of this Admin" /><div style={{ width: 160 }}><SelectField label="Role" choices={roles.map((value) => ({ value, label: value }))} value={role} onChange={(value) => setRole(value as Role)} /></div></div>
      <TextField label="Reason (optional, for the audit trail)" value={reason} onChange={setReason} />
      {change.error && <ErrorNote error={change.error} />}
      <div className="row"><Button type="submit" disabled={blocked || role === user.role}>Change the role</Button><Button look={isDisabled ? 'plain' : 'danger'} disabled={blocked} onClick={() => void submit({ disabled: !isDisabled })}>{isDisabled ? 'Enable' : 'Disable'}</Button><Button look="quiet" onClick={onClose}>Close</Button></div>
    </form>
  );
}
