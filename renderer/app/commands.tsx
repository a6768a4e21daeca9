// What the palette can find and do: places, things in the store, actions.
import { IconContrast2, IconDownload, IconFilePlus, IconListCheck, IconMoon, IconPackageExport, IconPlayerPlay, IconRefresh, IconSun } from '@tabler/icons-react';
import { useMemo } from 'react';
import { useApi } from '../api/ApiProvider.tsx';
import { useOp } from '../api/useOp.ts';
import type { Command } from './Palette.tsx';
import { PlaceIcon } from './placeIcons.tsx';
import { navigate, otherPages, placeTitles, places, routeHref, type Place } from './routes.ts';
import { applyTheme, type Theme } from './theme.ts';

const themes: readonly { readonly theme: Theme; readonly label: string }[] = [{ theme: 'dark', label: 'Dark theme' }, { theme: 'light', label: 'Light theme' }, { theme: 'contrast', label: 'High-contrast theme' }, { theme: 'system', label: 'Theme of the system' }];

export function useCommands({ openTasks }: { readonly openTasks: () => void }): readonly Command[] {
  const { connection, cache } = useApi();
  const stations = useOp('stations.list', {}).data;
  const models = useOp('models.list', {}).data;
  const datasets = useOp('datasets.list', {}).data;
  const evidence = useOp('evidence.list', {}).data;
  return useMemo(() => {
    const icon = { size: 16, stroke: 1.6, 'aria-hidden': true } as const;
    const go = (place: Place, id: string | null = null, query: Readonly<Record<string, string>> = {}) => () => navigate(routeHref(place, id, query));
    const thing = (place: Place, group: string, id: string, label: string, detail: string): Command => ({ id: `${place}-${id}`, group, label, detail, icon: <PlaceIcon place={place} size={16} />, run: go(place, id) });
    return [
      ...places.map((place, index): Command => ({ id: `go-${place}`, group: 'Go to', label: placeTitles[place], keys: `Ctrl ${index + 1}`, icon: <PlaceIcon place={place} size={16} />, run: go(place) })),
      ...otherPages.map((place): Command => ({ id: `go-${place}`, group: 'Go to', label: placeTitles[place], keys: place === 'settings' ? 'Ctrl ,' : '?', icon: <PlaceIcon place={place} size={16} />, run: go(place) })),
      { id: 'import-model', group: 'Do', label: 'Import a model', icon: <IconFilePlus {...icon} />, run: go('models', null, { add: '1' }) },
      { id: 'add-data', group: 'Do', label: 'Add a data set', icon: <IconFilePlus {...icon} />, run: go('datasets', null, { add: '1' }) },
      { id: 'new-station', group: 'Do', label: 'Create a station', icon: <IconFilePlus {...icon} />, run: go('stations', null, { add: '1' }) },
      { id: 'sample', group: 'Do', label: 'Open the sample station', icon: <IconDownload {...icon} />, run: () => { navigate(routeHref('stations')); connection.call('stations.openSample', {}).catch(() => undefined); } },
      { id: 'verify', group: 'Do', label: 'Verify an evidence file', icon: <IconListCheck {...icon} />, run: go('evidence', null, { tab: 'verify' }) },
      { id: 'pack', group: 'Do', label: 'Pack a station for another machine', icon: <IconPackageExport {...icon} />, run: go('transfer') },
      { id: 'inspect', group: 'Do', label: 'Check the machine again', icon: <IconRefresh {...icon} />, run: () => { navigate(routeHref('machine')); cache.reload('machine.inspect', {}); } },
      { id: 'tasks', group: 'Do', label: 'Show the tasks', keys: 'Ctrl J', icon: <IconPlayerPlay {...icon} />, run: openTasks },
      ...themes.map(({ theme, label }): Command => ({ id: `theme-${theme}`, group: 'Do', label, icon: theme === 'light' ? <IconSun {...icon} /> : theme === 'dark' ? <IconMoon {...icon} /> : <IconContrast2 {...icon} />, run: () => { applyTheme(theme); connection.call('app.saveSettings', { theme }).catch(() => undefined); } })),
      ...(stations ?? []).map((each) => thing('stations', 'Stations', each.id, each.name, each.line)),
      ...(models ?? []).map((each) => thing('models', 'Models', each.id, each.name, each.summary.precision)),
      ...(datasets ?? []).map((each) => thing('datasets', 'Data sets', each.id, each.name, each.purpose)),
      ...(evidence ?? []).map((each) => thing('evidence', 'Evidence', each.id, each.title, each.verdict)),
    ];
  }, [connection, cache, openTasks, stations, models, datasets, evidence]);
}
