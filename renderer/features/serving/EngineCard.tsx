// The container engine: whether it is there, and the remedy where it is not.
import { IconRefresh } from '@tabler/icons-react';
import { useEffect } from 'react';
import { useOp } from '../../api/useOp.ts';
import { useEngine } from '../../app/useEngine.ts';
import { Button } from '../../ui/Button.tsx';
import { Card, KeyValue, Loading, Note } from '../../ui/Card.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { StatusWord } from '../../ui/Status.tsx';
import { CommandCopy } from '../../ui/Text.tsx';

export function EngineCard() {
  const machine = useOp('machine.inspect', {});
  const { data } = machine;
  const seen = useEngine();
  // A change that the live samples tell calls for a new check, with its reason and what to do; only once, for the two may disagree.
  const { reload } = machine;
  const differs = seen !== null && data !== undefined && seen.available !== data.containers.available;
  useEffect(() => { if (differs) reload(); }, [differs, reload]);
  const check = data?.preflight.find((each) => /engine|container|docker/i.test(`${each.id} ${each.title}`));
  return (
    <Card title="Container engine" aside={<Button size="tiny" icon={<IconRefresh size={13} className={machine.loading ? 'spin' : ''} aria-hidden />} disabled={machine.loading} onClick={machine.reload}>{machine.loading ? 'Detecting' : 'Detect again'}</Button>}>
      {machine.error ? <ErrorNote error={machine.error} onRetry={machine.reload} /> : !data ? <Loading what="the engine" rows={3} /> : (
        <div className="stack">
          <KeyValue rows={[['State', <StatusWord key="s" tone={data.containers.available ? 'ok' : 'warn'}>{data.containers.available ? `${data.containers.engine ?? 'Engine'} ${data.containers.version ?? ''} answers` : 'Not available'}</StatusWord>], data.containers.socket ? ['Socket', <code key="k">{data.containers.socket}</code>] : null, data.containers.reason ? ['Reason', data.containers.reason] : null]} />
          {!data.containers.available && check?.hint && <Note tone="warn">{check.hint}</Note>}
          {!data.containers.available && check?.command && <CommandCopy command={check.command} />}
        </div>
      )}
    </Card>
  );
}
