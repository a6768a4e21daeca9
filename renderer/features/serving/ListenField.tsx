// Who reaches a new station: programs of the engine's machine only, or others too.
import { isLocalEngine } from '#shared/isLocalEngine';
import { useOp } from '../../api/useOp.ts';
import { Note } from '../../ui/Card.tsx';
import { CheckField, SelectField, TextField } from '../../ui/Field.tsx';

const everywhere = '0.0.0.0';
const choices = [{ value: 'own', label: 'Programs of its own machine' }, { value: 'all', label: 'Everyone who reaches that machine' }, { value: 'one', label: 'Who reaches one of its addresses' }];

/** `value`: null for the loopback. */
export function ListenField({ value, onChange, closed, onClose }: { readonly value: string | null; readonly onChange: (value: string | null) => void; /** Nobody may ask until clients have keys. */ readonly closed: boolean; readonly onClose: (closed: boolean) => void }) {
  const engine = useOp('machine.inspect', {}).data?.containers.socket ?? null;
  const remote = engine !== null && !isLocalEngine(engine) ? engine : null;
  const choice = value === null ? 'own' : value === everywhere ? 'all' : 'one';
  return (
    <>
      <div className="cols3">
        <SelectField label="Who may ask it" value={choice} onChange={(next) => onChange(next === 'all' ? everywhere : next === 'one' ? '' : null)} choices={choices} />
        {choice === 'one' && <TextField label="Address" mono value={value ?? ''} onChange={onChange} placeholder="192.168.10.4" help="one that this machine has" />}
      </div>
      {remote !== null && <Note>The station goes to the container engine at <code>{remote}</code>, which the settings name, and stays there also when they change.</Note>}
      {value !== null && <CheckField label="Turn everyone away until clients have keys" checked={closed} onChange={onClose} />}
      {value !== null && <Note tone="warn">{closed ? 'Requests and answers travel unencrypted until the station has a certificate. Keys and certificate: tab Connect of the station.' : 'Requests and answers travel unencrypted, and nobody is asked for a key, until you give keys and a certificate: tab Connect of the station.'}</Note>}
    </>
  );
}
