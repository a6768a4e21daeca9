// How clients connect: the addresses, who may ask, and snippets filled with this station's model.
import { useState } from 'react';
import type { ServingView } from '#shared/contract/serving';
import { engineFacts } from '#shared/engines';
import { liveVersion } from '#shared/liveVersion';
import { useOp } from '../../api/useOp.ts';
import { CopyButton } from '../../ui/Button.tsx';
import { Card, KeyValue, Loading, Note } from '../../ui/Card.tsx';
import { Segmented } from '../../ui/Tabs.tsx';
import { CommandCopy } from '../../ui/Text.tsx';
import { ClientsCard, EncryptionCard } from './AccessCards.tsx';
import { snippetType } from './snippetTypes.ts';
import { snippetsFor } from './snippets.ts';
import { inferAddress } from './words.ts';

/** Snippets that send binary tensors over REST. */
const sendsBinary: readonly string[] = ['python', 'typescript'];

export function Connect({ view }: { readonly view: ServingView }) {
  const live = liveVersion(view);
  const model = useOp('models.get', live?.modelId ? { id: live.modelId } : null).data;
  const [chosen, setChosen] = useState('curl');
  const inputs = model?.summary.inputs;
  const unnamed = inputs?.find(({ type }) => snippetType(type) === null);
  const { title, protocol, binaryTensors } = engineFacts[live?.engine ?? 'millwright'];
  const snippets = (live && inputs ? snippetsFor({ address: view.address, grpcAddress: view.grpcAddress, model: live.servedName, inputs, outputs: model?.summary.outputs ?? [], keyed: view.clients !== null }) : []).filter(({ key }) => (binaryTensors || !sendsBinary.includes(key)) && (key !== 'grpc' || view.swarm?.grpc !== false));
  const snippet = snippets.find(({ key }) => key === chosen) ?? snippets[0];
  return (
    <>
      <Card title="Addresses" unit={view.reach}><KeyValue rows={[
        ['Inference', <CommandCopy key="i" command={inferAddress(view)} label="Copy the address" />], ['gRPC', view.swarm?.grpc === false ? 'not until the station is removed and deployed anew' : <code key="g">{view.grpcAddress}</code>],
        ...(protocol === 'oip' ? [['Ready', <code key="r">{view.address}/v2/health/ready</code>] as const] : []), ['Figures for Prometheus', <code key="m">{view.address}/metrics</code>],
      ]} /></Card>
      {protocol !== 'oip' && <Note>{title} speaks a protocol of its own: clients post to the inference address above as its manual says, and the gateway hands their requests on as they are.</Note>}
      {protocol === 'oip' && <Card title="Snippets" unit="Open Inference Protocol v2" aside={snippet && <CopyButton text={snippet.text} label="Copy the snippet" />}>
        {!snippet && (unnamed ? <Note>The protocol has no name for {unnamed.type}, the type of the input <code>{unnamed.name}</code>: no client can send it.</Note> : <Loading what="the model" rows={6} />)}
        {snippet && (
          <div className="stack">
            <Segmented label="Language" value={snippet.key} onChange={setChosen} items={snippets.map(({ key, title }) => ({ key, label: title }))} />
            <pre className="mono prewrap" tabIndex={0} aria-label={`${snippet.title} snippet`}>{snippet.text}</pre>
            <Note>{snippet.note}</Note>
            {!binaryTensors && <Note>{title} takes no binary tensors over REST, so the snippets that send them are left out; gRPC is binary.</Note>}
          </div>
        )}
      </Card>}
      <ClientsCard view={view} />
      <EncryptionCard view={view} />
    </>
  );
}
