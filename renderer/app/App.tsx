// The page: providers around the frame, and the screen of the present route.
import { MantineProvider } from '@mantine/core';
import { useEffect, useMemo } from 'react';
import type { Connection } from '../api/connect.ts';
import { ApiProvider } from '../api/ApiProvider.tsx';
import { useOp, useStream } from '../api/useOp.ts';
import { DatasetsPage } from '../features/datasets/DatasetsPage.tsx';
import { EvidencePage } from '../features/evidence/EvidencePage.tsx';
import { HelpPage } from '../features/help/HelpPage.tsx';
import { MachinePage } from '../features/machine/MachinePage.tsx';
import { ModelsPage } from '../features/models/ModelsPage.tsx';
import { OptimisePage } from '../features/optimise/OptimisePage.tsx';
import { createReadingsOfStations, ReadingsContext } from '../features/serving/readings.ts';
import { ServingPage } from '../features/serving/ServingPage.tsx';
import { SettingsPage } from '../features/settings/SettingsPage.tsx';
import { StationsPage } from '../features/stations/StationsPage.tsx';
import { TransferPage } from '../features/transfer/TransferPage.tsx';
import { ValidatePage } from '../features/validate/ValidatePage.tsx';
import { AppFrame } from './AppFrame.tsx';
import { createMachineFeed, MachineFeedContext } from './machineFeed.ts';
import { useRoute, type Place } from './routes.ts';
import { applyTheme } from './theme.ts';

const screens: Readonly<Record<Place, () => React.ReactNode>> = {
  stations: StationsPage, machine: MachinePage, models: ModelsPage, datasets: DatasetsPage, optimise: OptimisePage, validate: ValidatePage, serving: ServingPage, evidence: EvidencePage, transfer: TransferPage, settings: SettingsPage, help: HelpPage,
};

function Screen() {
  const Shown = screens[useRoute().place];
  return <Shown />;
}

function Live({ children }: { readonly children: React.ReactNode }) {
  const feed = useMemo(() => createMachineFeed(), []);
  const readings = useMemo(() => createReadingsOfStations(), []);
  useStream('machine.watch', { intervalMs: 1000 }, feed.push);
  const settings = useOp('app.settings', {}).data;
  useEffect(() => { if (settings) applyTheme(settings.theme); }, [settings]);
  return <MachineFeedContext value={feed}><ReadingsContext value={readings}>{children}</ReadingsContext></MachineFeedContext>;
}

export function App({ connection }: { readonly connection: Connection }) {
  return (
    // The variables and classes of the library come from static files; a style tag made at run time would break the content policy.
    <MantineProvider withCssVariables={false} withGlobalClasses={false} getRootElement={() => undefined}>
      <ApiProvider connection={connection}><Live><AppFrame><Screen /></AppFrame></Live></ApiProvider>
    </MantineProvider>
  );
}
