// Keys: what evidence is signed with here, what it was before, and a new key in its place.
import { IconKey } from '@tabler/icons-react';
import type { KeyInfo } from '#shared/contract/keys';
import { useOp } from '../../api/useOp.ts';
import { useRoute } from '../../app/routes.ts';
import { Button } from '../../ui/Button.tsx';
import { Card, Loading } from '../../ui/Card.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { formatDateTime } from '../../ui/format.ts';
import { StatusWord } from '../../ui/Status.tsx';
import { RotateKeyForm } from './RotateKeyForm.tsx';

const stateWords = { current: ['ok', 'Signs now'], retired: ['dim', 'Retired'], trusted: ['dim', 'Of others, trusted'] } as const;
const periodOf = ({ from, until }: KeyInfo) => [from === null ? '' : `from ${formatDateTime(from)}`, until === null ? '' : `until ${formatDateTime(until)}`].filter((part) => part !== '').join(' ');

function keeperSentence(keys: readonly KeyInfo[]): string {
  const current = keys.find(({ state }) => state === 'current');
  switch (current?.keptIn) {
    case 'os-store': return 'The private key is encrypted, and what opens it is in the key store of the operating system: a copy of the data folder does not sign.';
    case 'file': return `The private key is a file in the data folder that only this user of the system can read${current.keptWhy === null ? '.' : `, because ${current.keptWhy}`}`;
    default: return 'The private key cannot be read here.';
  }
}

export function KeysCard() {
  const keys = useOp('keys.list', {});
  const people = useOp('people.list', {});
  const { query, setQuery } = useRoute();
  const close = () => setQuery({ keys: null });
  return (
    <Card title="Signing key" aside={keys.data && query.keys !== 'rotate' && <Button size="tiny" icon={<IconKey size={13} aria-hidden />} onClick={() => setQuery({ keys: 'rotate' })}>Rotate the key</Button>}>
      {keys.error ? <ErrorNote error={keys.error} onRetry={keys.reload} /> : !keys.data ? <Loading what="the keys" /> : (
        <div className="stack">
          <div className="table-wrap" tabIndex={0} role="region" aria-label="Keys">
            <table className="data static">
              <thead><tr><th scope="col">Key</th><th scope="col">State</th><th scope="col">Valid</th><th scope="col">Why it was retired</th></tr></thead>
              <tbody>{keys.data.map((key) => {
                const [tone, word] = stateWords[key.state];
                return <tr key={key.keyId}><td><code>{key.keyId}</code></td><td><StatusWord tone={tone}>{word}</StatusWord></td><td>{periodOf(key)}</td><td title={key.reason ?? undefined}>{key.reason ?? ''}</td></tr>;
              })}</tbody>
            </table>
          </div>
          {query.keys === 'rotate' && people.data && <RotateKeyForm users={people.data} onDone={() => { close(); keys.reload(); }} onClose={close} />}
          <p className="dim small">{keeperSentence(keys.data)} A retired key is destroyed here; what it signed stays valid. Export, backup, restore and moving it: <code>millwright keys --help</code>.</p>
        </div>
      )}
    </Card>
  );
}
