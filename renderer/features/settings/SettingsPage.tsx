// Settings: site, user, theme, container engine; and what this installation is.
import { useState } from 'react';
import type { Settings } from '#shared/contract/app';
import { useAction, useOp } from '../../api/useOp.ts';
import { useCrumb } from '../../app/crumbs.ts';
import { applyTheme, type Theme } from '../../app/theme.ts';
import { PrimaryAction } from '../../ui/Button.tsx';
import { Card, KeyValue, Loading, PageHead } from '../../ui/Card.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { TextField } from '../../ui/Field.tsx';
import { StatusWord } from '../../ui/Status.tsx';
import { Segmented } from '../../ui/Tabs.tsx';
import { PathText } from '../../ui/Text.tsx';
import { EngineFields } from './EngineFields.tsx';
import { KeysCard } from './KeysCard.tsx';
import { PeopleCard } from './PeopleCard.tsx';

const themes: readonly { readonly key: Theme; readonly label: string }[] = [{ key: 'system', label: 'As the system' }, { key: 'dark', label: 'Dark' }, { key: 'light', label: 'Light' }, { key: 'contrast', label: 'High contrast' }];

export function SettingsPage() {
  useCrumb();
  const stored = useOp('app.settings', {});
  const about = useOp('app.info', {});
  const save = useAction('app.saveSettings');
  const machine = useOp('machine.inspect', {});
  const [edited, setEdited] = useState<Partial<Settings>>({});
  const [saved, setSaved] = useState(false);
  const draft: Settings | null = stored.data ? { ...stored.data, ...edited } : null;
  const change = (part: Partial<Settings>) => { setSaved(false); setEdited((before) => ({ ...before, ...part })); };
  const differs = (...keys: readonly (keyof Settings)[]) => Boolean(draft && stored.data) && keys.some((key) => draft?.[key] !== stored.data?.[key]);
  const dirty = differs('site', 'userName', 'engineHost', 'engineCerts');
  const submit = async () => {
    if (!draft || !dirty || save.busy) return;
    const otherEngine = differs('engineHost', 'engineCerts');
    const { site, userName, engineHost, engineCerts } = draft;
    const kept = await save.run({ site, userName, engineHost, engineCerts });
    if (!kept) return;
    setSaved(true);
    setEdited({});
    if (otherEngine) machine.reload();
  };
  return (
    <>
      <PageHead title="Settings" sub="Kept on this machine only.">{saved && !dirty && <StatusWord tone="ok">Saved</StatusWord>}<PrimaryAction disabled={!dirty || save.busy} onClick={() => void submit()}>Save</PrimaryAction></PageHead>
      {(save.error ?? stored.error) && <ErrorNote error={(save.error ?? stored.error)!} onRetry={stored.error ? stored.reload : undefined} />}
      <div className="cols2">
        <Card title="Site and user">
          {!draft ? <Loading what="the settings" /> : (
            <form className="stack" onSubmit={(event) => { event.preventDefault(); void submit(); }}>
              <TextField label="Site" value={draft.site} onChange={(site) => change({ site })} placeholder="Plant Nord" help="Stands in the path and on each report." />
              <TextField label="Your name" value={draft.userName} onChange={(userName) => change({ userName })} placeholder="Name as you sign" help="Written into the audit trail and proposed when you sign." />
            </form>
          )}
        </Card>
        <Card title="Theme">
          <div className="stack"><Segmented label="Theme" value={draft?.theme ?? 'system'} items={themes} onChange={(theme) => { change({ theme }); applyTheme(theme); void save.run({ theme }); }} /><p className="dim">Applies at once. State always has an icon and a word besides its colour.</p></div>
        </Card>
        {draft && stored.data && <EngineFields draft={draft} saved={stored.data} onChange={change} onEnter={() => void submit()} machine={machine} />}
        <Card title="This installation">
          {about.error ? <ErrorNote error={about.error} onRetry={about.reload} /> : !about.data ? <Loading what="the versions" /> : <KeyValue rows={[['Millwright', about.data.version], ['Shell', about.data.shell], ['Host runtime', about.data.runtime.includes(about.data.node) ? about.data.runtime : `${about.data.runtime} · Node ${about.data.node}`], ['ONNX Runtime', about.data.onnxruntime], ['Platform', about.data.platform], ['Data folder', <PathText key="p" path={about.data.dataDir} />]]} />}
        </Card>
        <Card title="Not in this version yet"><KeyValue rows={[['Retention and backup', 'copy the data folder while the console is closed, and back up the signing key'], ['Languages', 'English']]} /></Card>
      </div>
      <PeopleCard />
      <KeysCard />
    </>
  );
}
