// Transfer: not in this version; says what exists of it and what to do until then.
import { IconArrowsDownUp } from '@tabler/icons-react';
import { useCrumb } from '../../app/crumbs.ts';
import { routeHref } from '../../app/routes.ts';
import { LinkButton, PrimaryLink } from '../../ui/Button.tsx';
import { Card, EmptyState, KeyValue, PageHead } from '../../ui/Card.tsx';

export function TransferPage() {
  useCrumb();
  return (
    <>
      <PageHead title="Transfer" sub="Signed bundles that carry a station to the next machine on a stick."><PrimaryLink href={routeHref('evidence')}>Open the evidence</PrimaryLink></PageHead>
      <div className="cols-side">
        <Card label="Transfer"><EmptyState icon={<IconArrowsDownUp size={24} stroke={1.5} />} title="Bundles are not in this version yet" actions={<LinkButton href={routeHref('evidence', null, { tab: 'verify' })}>Verify a file from another machine</LinkButton>}>
          Until then carry the model file and the evidence zip by hand. The zip is signed, and this console verifies it on the other machine: a changed byte is found.
        </EmptyState></Card>
        <Card title="What exists already"><KeyValue rows={[['Evidence zip', 'signed, can be verified anywhere'], ['Model by SHA-256', 'yes, on its page'], ['Signed bundles', 'not yet'], ['Check words', 'not yet'], ['Quarantine', 'not yet']]} /></Card>
      </div>
    </>
  );
}
