// The fields that close a deviation: cause, action, evidence, and who closes it with the password.
import { useState } from 'react';
import { rolesThatCloseDeviations, type Deviation } from '#shared/contract/deviations';
import { useAction, useOp } from '../../api/useOp.ts';
import { Button } from '../../ui/Button.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { SelectField, TextField } from '../../ui/Field.tsx';

export function CloseDeviation({ deviation, onDone }: { readonly deviation: Deviation; readonly onDone: () => void }) {
  const people = useOp('people.list', {});
  const closing = useAction('deviations.close');
  const [cause, setCause] = useState('');
  const [action, setAction] = useState('');
  const [evidence, setEvidence] = useState('');
  const [user, setUser] = useState<string | null>(null);
  const [password, setPassword] = useState('');
  const [name, setName] = useState('');
  const users = (people.data ?? []).filter((each) => each.disabledAt === null);
  const asksPassword = users.length > 0;
  const ready = people.data !== undefined && [cause, action, evidence].every((text) => text.trim() !== '') && (asksPassword ? user !== null && password !== '' : name.trim() !== '');
  const submit = async () => {
    if (!ready) return;
    const who = asksPassword ? { by: { user: user ?? '', password } } : { signer: name.trim() };
    setPassword(''); // forgotten after each try
    if (await closing.run({ id: deviation.id, cause, action, evidence, ...who })) onDone();
  };
  return (
    <div className="stack">
      {closing.error && <ErrorNote error={closing.error} />}
      <TextField label="Root cause" value={cause} onChange={setCause} />
      <TextField label="Action" value={action} onChange={setAction} />
      <TextField label="Evidence" value={evidence} onChange={setEvidence} placeholder="Where it can be looked up" />
      <div className="row wrap" style={{ alignItems: 'flex-end' }}>
        {asksPassword ? (
          <>
            <div style={{ width: 220 }}><SelectField label="User" choices={users.map((each) => ({ value: each.user, label: `${each.printedName} · ${each.role}`, disabled: !rolesThatCloseDeviations.includes(each.role) }))} value={user} onChange={setUser} placeholder="Who closes it" /></div>
            <div style={{ width: 180 }}><TextField label="Password" secret="present" value={password} onChange={setPassword} onEnter={() => void submit()} /></div>
          </>
        ) : <div style={{ width: 220 }}><TextField label="Name" value={name} onChange={setName} placeholder="Name as you sign" onEnter={() => void submit()} /></div>}
        <Button disabled={!ready || closing.busy} onClick={() => void submit()}>Close it</Button>
      </div>
    </div>
  );
}
