// Transfer: pack a station's model and evidence for another machine, and check what came from one before it is imported.
import { IconPackageExport } from '@tabler/icons-react';
import { useRef } from 'react';
import { useJob } from '../../api/useJob.ts';
import { useOp } from '../../api/useOp.ts';
import { useCrumb } from '../../app/crumbs.ts';
import { routeHref, useRoute } from '../../app/routes.ts';
import { PrimaryAction, PrimaryLink } from '../../ui/Button.tsx';
import { PageHead } from '../../ui/Card.tsx';
import { ArrivalCard } from './ArrivalCard.tsx';
import { PackCard } from './PackCard.tsx';

export function TransferPage() {
  useCrumb();
  const { query, setQuery } = useRoute();
  const stations = useOp('stations.list', {});
  const ready = (stations.data ?? []).filter((station) => station.evidenceId !== null);
  const stationId = query.station ?? ready[0]?.id ?? null;
  const job = useJob('transfer.pack', (record) => record.state !== 'cancelled' && record.state !== 'done' && record.state !== 'failed');
  const folder = query.folder ?? '';
  const field = useRef<HTMLDivElement>(null);
  const pack = () => { if (stationId === null) return; if (folder.trim() === '') field.current?.querySelector<HTMLInputElement>('input.mono')?.focus(); else void job.start({ stationId, folder: folder.trim() }); };
  return (
    <>
      <PageHead title="Transfer" sub="A station's model and evidence in one folder, with the hash of every file, for a stick or a share; checked on arrival before anything is taken over.">
        {stations.data && ready.length === 0 ? <PrimaryLink href={routeHref('stations')}>Commission a station</PrimaryLink>
          : <PrimaryAction icon={<IconPackageExport size={15} aria-hidden />} disabled={job.busy || stationId === null} onClick={pack}>{job.busy ? 'Packing' : 'Pack the station'}</PrimaryAction>}
      </PageHead>
      <div className="cols2">
        <div ref={field}><PackCard stations={stations} stationId={stationId} folder={folder} job={job} onStation={(id) => setQuery({ station: id })} onFolder={(path) => setQuery({ folder: path })} onPack={pack} /></div>
        <ArrivalCard />
      </div>
    </>
  );
}
