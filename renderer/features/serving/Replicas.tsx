// A station on several hosts: each host, whether Swarm may use it, and whether its replica answers.
import type { ServingView } from '#shared/contract/serving';
import { Card } from '../../ui/Card.tsx';
import { formatDateTime } from '../../ui/format.ts';
import { StatusWord, type Tone } from '../../ui/Status.tsx';

type Node = NonNullable<ServingView['swarm']>['nodes'][number];

export function Replicas({ view }: { readonly view: ServingView }) {
  if (!view.swarm) return null;
  const { ready, replicas, nodes } = view.swarm;
  return (
    <Card title="Replicas" unit={`${ready} of ${replicas} answer the gateway`} flush>
      <div className="table-wrap" tabIndex={0} role="region" aria-label="Replicas"><table className="data"><thead><tr><th scope="col">Host</th><th scope="col">Address</th><th scope="col">Replica</th><th scope="col">Since</th><th scope="col">Swarm says</th></tr></thead>
        <tbody>{nodes.map((node) => { const { word, tone } = replicaWord(node); return (
          <tr key={node.name}><td className="strong">{node.name}</td><td><code>{node.address}</code></td><td><StatusWord tone={tone}>{word}</StatusWord></td><td>{node.chosen && node.since !== null ? formatDateTime(node.since) : '–'}</td><td>{node.state}, {node.availability}</td></tr>
        ); })}</tbody></table></div>
    </Card>
  );
}

function replicaWord({ chosen, answers, state, availability }: Node): { readonly word: string; readonly tone: Tone } {
  if (!chosen) return { word: 'Not used: no image there', tone: 'dim' };
  if (answers) return { word: 'Answers', tone: 'ok' };
  if (state !== 'ready') return { word: 'Host is away', tone: 'bad' };
  return availability === 'active' ? { word: 'Does not answer', tone: 'warn' } : { word: 'Host is drained', tone: 'paused' };
}
