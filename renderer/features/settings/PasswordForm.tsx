// Changes a password: by the user with the present one, or by an Admin.
import type { User } from '#shared/contract/people';
import { useAction } from '../../api/useOp.ts';
import { Button } from '../../ui/Button.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { activeAdmins, ByFields, useBy } from './ByFields.tsx';
import { NewPasswordFields, useNewPassword } from './NewPasswordFields.tsx';

export function PasswordForm({ user, users, onDone, onClose }: { readonly user: User; readonly users: readonly User[]; readonly onDone: () => void; readonly onClose: () => void }) {
  const change = useAction('people.setPassword');
  const by = useBy([...(user.disabledAt === null ? [user] : []), ...activeAdmins(users).filter((admin) => admin.user !== user.user)]);
  const next = useNewPassword();
  const ready = next.password !== null && by.credential !== null;
  const submit = async () => {
    if (next.password === null || by.credential === null) return;
    if (await change.run({ user: user.user, password: next.password, by: by.credential })) onDone();
    else by.setPassword('');
  };
  return (
    <form className="stack" aria-label={`Change the password of ${user.printedName}`} onSubmit={(event) => { event.preventDefault(); void submit(); }}>
      <p>Change the password of <b>{user.printedName}</b></p>
      <div className="row wrap top"><ByFields by={by} label="Changed by" passwordLabel={by.user === user.user ? 'Present password' : 'Password of this Admin'} /><NewPasswordFields next={next} /></div>
      {change.error && <ErrorNote error={change.error} />}
      <div className="row"><Button type="submit" disabled={!ready || change.busy}>Change the password</Button><Button look="quiet" onClick={onClose}>Close</Button></div>
    </form>
  );
}
