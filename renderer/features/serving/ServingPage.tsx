// Serving: not in this version; says what exists of it and what to do until then.
import { IconServer } from '@tabler/icons-react';
import { useOp } from '../../api/useOp.ts';
import { useCrumb } from '../../app/crumbs.ts';
import { routeHref } from '../../app/routes.ts';
import { LinkButton, PrimaryLink } from '../../ui/Button.tsx';
import { Card, EmptyState, KeyValue, PageHead } from '../../ui/Card.tsx';
import { StatusWord } from '../../ui/Status.tsx';

export function ServingPage() {
  useCrumb();
  const machine = useOp('machine.inspect', {}).data;
  return (
    <>
      <PageHead title="Serving" sub="Containers that answer the line: state, load, latency, logs, roll back."><PrimaryLink href={routeHref('evidence')}>Open the evidence</PrimaryLink></PageHead>
      <div className="cols-side">
        <Card label="Serving"><EmptyState icon={<IconServer size={24} stroke={1.5} />} title="Serving is not in this version yet" actions={<LinkButton href={routeHref('machine', null, { tab: 'preflight' })}>Check the container engine</LinkButton>}>
          This version commissions a model up to signed evidence. It does not start containers. The validated ONNX file is on the model's page, ready for a runtime that you operate yourself.
        </EmptyState></Card>
        <Card title="What exists already"><KeyValue rows={[
          ['Engine', machine ? <StatusWord key="e" tone={machine.containers.available ? 'ok' : 'warn'}>{machine.containers.available ? `${machine.containers.engine} ${machine.containers.version ?? ''}` : 'none found'}</StatusWord> : 'not checked yet'],
          ['Reason', machine?.containers.reason || '–'], ['Detection', 'yes, on the Machine screen'], ['Deploying', 'not yet'], ['Live charts', 'not yet'],
        ]} /></Card>
      </div>
    </>
  );
}
