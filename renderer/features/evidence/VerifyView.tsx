// Verifies an evidence zip from anywhere: signature, every file's hash, what was found.
import { useState } from 'react';
import type { Verification } from '#shared/contract/evidence';
import { useOp, type OpResult } from '../../api/useOp.ts';
import { PathPicker } from '../../app/PathPicker.tsx';
import { Card, KeyValue, Loading, Note } from '../../ui/Card.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { Findings } from '../../ui/Findings.tsx';
import { formatDateTime, plural } from '../../ui/format.ts';
import { StatusWord, ToneIcon, VerdictWord } from '../../ui/Status.tsx';
import { CommandCopy, HashText } from '../../ui/Text.tsx';
import { signerWords } from './words.ts';

export function VerificationCard({ check, title, path }: { readonly check: OpResult<Verification>; readonly title: string; readonly path?: string }) {
  const { data, error } = check;
  return (
    <Card title={title} aside={data && <StatusWord tone={data.valid ? 'ok' : 'bad'}>{data.valid ? 'Valid' : 'Not valid'}</StatusWord>}>
      {error ? <ErrorNote error={error} onRetry={check.reload} /> : !data ? <Loading what="the file" /> : (
        <div className="stack">
          <p className="row"><ToneIcon tone={data.valid ? 'ok' : 'bad'} />{data.valid ? `${plural(data.files, 'file')} checked: nothing was changed after it was signed.` : 'Do not use this copy: it was changed, is incomplete, or its signature is wrong.'}</p>
          <KeyValue rows={[path ? ['File', <code key="p" className="prewrap">{path}</code>] : null, ['Title', data.title ?? 'unknown'], ['Verdict', <VerdictWord key="v" verdict={data.verdict} />], ['Key', data.keyId ? <span key="k" className="row"><HashText hash={data.keyId} label="key" length={16} /><StatusWord tone={data.knownKey ? 'ok' : 'warn'}>{data.knownKey ? 'Known here' : 'Unknown here: compare it with the signer'}</StatusWord></span> : 'none'], ...data.signatures.map((signature, index) => [index === 0 ? 'Signed' : '', `${signature.signer} (${signerWords(signature)}), ${signature.meaning}, ${formatDateTime(signature.signedAt)}`] as const)]} />
          {data.findings.length > 0 && <Findings findings={data.findings} />}
        </div>
      )}
    </Card>
  );
}

export function VerifyView() {
  const [path, setPath] = useState<string | null>(null);
  const check = useOp('evidence.verify', path === null ? null : { path });
  return (
    <div className="cols2">
      <Card title="A file from anywhere"><div className="stack"><PathPicker what="file" label="Drop an evidence zip here" filters={[{ name: 'Evidence', extensions: ['zip'] }]} submitLabel="Verify" busy={check.loading} onPath={(next) => { if (next === path) check.reload(); setPath(next); }} /><p className="dim small">The same without a console:</p><CommandCopy command="millwright evidence verify FILE.zip" /></div></Card>
      {path === null ? <Card title="Outcome"><Note>Nothing is verified yet. The signature, the hash of every file and the list of files are checked; a changed byte is named with its file. Nothing leaves this machine, and nothing is unpacked.</Note></Card> : <VerificationCard check={check} title="Outcome" path={path} />}
    </div>
  );
}
