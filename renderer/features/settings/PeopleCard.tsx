// People: the users of this data folder with role and state; add one, change a password, disable and enable.
import { IconUserPlus } from '@tabler/icons-react';
import type { User } from '#shared/contract/people';
import { useOp } from '../../api/useOp.ts';
import { useRoute } from '../../app/routes.ts';
import { Button } from '../../ui/Button.tsx';
import { Card, Loading, Note } from '../../ui/Card.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { formatDateTime } from '../../ui/format.ts';
import { StatusWord } from '../../ui/Status.tsx';
import { AddUserForm } from './AddUserForm.tsx';
import { ChangeUserForm } from './ChangeUserForm.tsx';
import { PasswordForm } from './PasswordForm.tsx';

function StateWord({ user }: { readonly user: User }) {
  if (user.disabledAt !== null) return <StatusWord tone="dim">Disabled since {formatDateTime(user.disabledAt)}</StatusWord>;
  if (user.lockedUntil !== null) return <StatusWord tone="warn">Locked until {formatDateTime(user.lockedUntil)}</StatusWord>;
  return <StatusWord tone="ok">Active</StatusWord>;
}

export function PeopleCard() {
  const people = useOp('people.list', {});
  const { query, setQuery } = useRoute();
  const users = people.data;
  const open = (form: string | null, user: string | null = null) => setQuery({ people: form, user });
  const done = () => { open(null); people.reload(); };
  const chosen = users?.find((user) => user.user === query.user);
  const close = () => open(null);
  return (
    <Card title="People" unit={users === undefined ? undefined : users.length === 0 ? 'none yet' : String(users.length)} aside={users && query.people !== 'add' && <Button size="tiny" icon={<IconUserPlus size={13} aria-hidden />} onClick={() => open('add')}>Add a user</Button>}>
      {people.error ? <ErrorNote error={people.error} onRetry={people.reload} /> : !users ? <Loading what="the users" /> : (
        <div className="stack">
          {users.length === 0 && <Note>There are no users, so signatures bear a name that is not authenticated. Add an Admin first; from then on each signature asks for a password.</Note>}
          {users.length > 0 && (
            <div className="table-wrap" tabIndex={0} role="region" aria-label="Users">
              <table className="data static">
                <thead><tr><th scope="col">Printed name</th><th scope="col">User</th><th scope="col">Role</th><th scope="col">State</th><th scope="col">Password</th><th scope="col"><span className="visually-hidden">Actions</span></th></tr></thead>
                <tbody>{users.map((user) => (
                  <tr key={user.user}>
                    <td className="strong">{user.printedName}</td><td><code>{user.user}</code></td><td>{user.role}</td><td><StateWord user={user} /></td>
                    <td title={formatDateTime(user.passwordChangedAt)}>{user.passwordSetBy === 'self' ? 'chosen by the user' : 'set by an Admin'}</td>
                    <td className="n"><span className="row" style={{ justifyContent: 'flex-end' }}><Button size="tiny" aria-label={`Change password: ${user.printedName}`} onClick={() => open('password', user.user)}>Change password</Button><Button size="tiny" aria-label={`${user.disabledAt === null ? 'Role, disable' : 'Role, enable'}: ${user.printedName}`} onClick={() => open('change', user.user)}>{user.disabledAt === null ? 'Role, disable' : 'Role, enable'}</Button></span></td>
                  </tr>
                ))}</tbody>
              </table>
            </div>
          )}
          {query.people === 'add' && <AddUserForm users={users} onDone={done} onClose={close} />}
          {query.people === 'password' && chosen && <PasswordForm key={chosen.user} user={chosen} users={users} onDone={done} onClose={close} />}
          {query.people === 'change' && chosen && <ChangeUserForm key={chosen.user} user={chosen} users={users} onDone={done} onClose={close} />}
          <p className="dim small">Reviewed is signed by Engineer or Quality, approved by Quality or Admin; who prepared a report does neither. Five wrong passwords lock a user for half a minute, each further one for twice as long. A forgotten password is set anew by an Admin: keep two. Each change is in the audit trail.</p>
        </div>
      )}
    </Card>
  );
}
