// The engine of the live version: its image, and for another engine than ours what was found of it at deployment.
import type { ServingView } from '#shared/contract/serving';
import { engineFacts } from '#shared/engines';
import { describeTuning } from '#shared/describeTuning';
import { liveVersion } from '#shared/liveVersion';
import { Card, KeyValue } from '../../ui/Card.tsx';
import { Findings } from '../../ui/Findings.tsx';
import { HashText } from '../../ui/Text.tsx';

export function ServedBy({ view }: { readonly view: ServingView }) {
  const live = liveVersion(view);
  if (!live) return null;
  return (
    <Card title="Engine of the live version">
      <div className="stack">
        <KeyValue rows={[
          ['Engine', engineFacts[live.engine].title],
          ['Image', <span key="i" className="row">{live.imageTag !== null && <code>{live.imageTag}</code>}<HashText hash={live.imageId} label="image id" length={24} /></span>],
          ...(live.engine === 'millwright' ? [['Runs in', live.tuning ? `${describeTuning(live.tuning)}, as measured` : 'one session with all its processors, no batching'] as const] : []),
          ['Served as', <code key="n">{live.servedName}</code>], ['Graphics', live.gpus ? 'all GPUs' : 'none'],
        ]} />
        {live.notes.length > 0 && <Findings findings={live.notes} />}
      </div>
    </Card>
  );
}
