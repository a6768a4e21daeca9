// Which container engine stations are served from: its address, certificates for it, and whether it answers.
import type { Settings } from '#shared/contract/app';
import type { OpResult } from '../../api/useOp.ts';
import type { MachineReport } from '#shared/contract/machine';
import { IconRefresh } from '@tabler/icons-react';
import { Button } from '../../ui/Button.tsx';
import { Card, Loading, Note } from '../../ui/Card.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { TextField } from '../../ui/Field.tsx';

type Engine = Pick<Settings, 'engineHost' | 'engineCerts'>;

/** `saved`: what the state below speaks of; while another address is being typed it says so. */
export function EngineFields({ draft, saved, onChange, onEnter, machine }: { readonly draft: Engine; readonly saved: Engine; readonly onChange: (part: Partial<Engine>) => void; readonly onEnter: () => void; readonly machine: OpResult<MachineReport> }) {
  const engine = machine.data?.containers;
  const edited = draft.engineHost !== saved.engineHost || draft.engineCerts !== saved.engineCerts;
  return (
    <Card title="Container engine" aside={<Button size="tiny" icon={<IconRefresh size={13} className={machine.loading ? 'spin' : ''} aria-hidden />} disabled={machine.loading || edited} onClick={machine.reload}>{machine.loading ? 'Detecting' : 'Detect again'}</Button>}>
      <div className="stack">
        <TextField label="Address" value={draft.engineHost} onChange={(engineHost) => onChange({ engineHost })} onEnter={onEnter} mono placeholder="unix:///run/podman/podman.sock" help="Empty: as Docker's own settings say. Also tcp://HOST:2376 and ssh://USER@HOST." />
        <TextField label="Folder of certificates" value={draft.engineCerts} onChange={(engineCerts) => onChange({ engineCerts })} onEnter={onEnter} mono placeholder="for tcp:// only" help="Holds ca.pem, and cert.pem and key.pem where the engine wants them." />
        {edited ? <Note>Save it to try it.</Note> : machine.error ? <ErrorNote error={machine.error} onRetry={machine.reload} /> : !engine ? <Loading what="the engine" rows={1} /> : (
          <div className="stack tight"><Note tone={engine.available ? 'ok' : 'warn'}>{engine.reason}</Note>{!engine.available && engine.hint !== undefined && <p className="dim small">{engine.hint}</p>}</div>
        )}
      </div>
    </Card>
  );
}
