// The frame around every screen: rail of places, path, palette, user, status, tasks, keys.
import { IconPlugConnectedX, IconSearch, IconUser, IconX } from '@tabler/icons-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useConnectionState } from '../api/ApiProvider.tsx';
import { useOp } from '../api/useOp.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { useCommands } from './commands.tsx';
import { useCrumbs } from './crumbs.ts';
import { ErrorBoundary } from './ErrorBoundary.tsx';
import { Palette } from './Palette.tsx';
import { PlaceIcon } from './placeIcons.tsx';
import { navigate, placeTitles, places, routeHref, useRoute } from './routes.ts';
import { StatusBar } from './StatusBar.tsx';
import { TaskDock } from './TaskDock.tsx';
import { usePending } from './undo.ts';
import { useFocusKept } from './useFocusKept.ts';

function Rail() {
  const { place } = useRoute();
  return (
    <nav className="rail" aria-label="Places">
      <span className="rail-mark" aria-hidden>M</span>
      {places.map((each, index) => <a key={each} href={routeHref(each)} aria-current={place === each ? 'page' : undefined} data-testid={`nav-${each}`} title={`Ctrl+${index + 1}`} aria-keyshortcuts={`Control+${index + 1}`}><PlaceIcon place={each} />{placeTitles[each]}</a>)}
      <span className="push" />
      <a href={routeHref('help')} aria-current={place === 'help' ? 'page' : undefined}><PlaceIcon place="help" />Help</a>
      <a href={routeHref('settings')} aria-current={place === 'settings' ? 'page' : undefined} data-testid="nav-settings" title="Ctrl+,"><PlaceIcon place="settings" />Settings</a>
    </nav>
  );
}

function TopBar({ onFind }: { readonly onFind: () => void }) {
  const { place, id } = useRoute();
  const crumbs = useCrumbs();
  const settings = useOp('app.settings', {}).data;
  useEffect(() => { document.title = [...crumbs.slice(-1), placeTitles[place], 'Millwright'].join(' · '); }, [crumbs, place]);
  return (
    <header className="topbar">
      <nav className="crumbs" aria-label="You are here">
        {settings?.site && <><a href={routeHref('settings')}>{settings.site}</a><span>/</span></>}
        {id !== null || crumbs.length > 0 ? <a href={routeHref(place)}>{placeTitles[place]}</a> : <b>{placeTitles[place]}</b>}
        {crumbs.map((crumb, index) => <span key={crumb} className="clip">/ {index === crumbs.length - 1 ? <b>{crumb}</b> : crumb}</span>)}
      </nav>
      <span className="grow" />
      <button type="button" className="find" onClick={onFind} data-testid="find" aria-keyshortcuts="Control+K"><IconSearch size={15} aria-hidden />Find or do anything <kbd>Ctrl K</kbd></button>
      <a className="who" href={routeHref('settings')} title="User and site"><IconUser size={15} aria-hidden />{settings?.userName || 'No user set'}</a>
    </header>
  );
}

function HostBanner() {
  const { phase, reason, epoch } = useConnectionState();
  if (phase === 'online' || (phase === 'connecting' && epoch === 0)) return <div />;
  return <div className="banner" role="status"><IconPlugConnectedX size={17} aria-hidden /><span><b>No connection to the host.</b> {reason} What is shown may be old; tasks that ran are kept and can be resumed.</span></div>;
}

function Toasts() {
  const pending = usePending();
  return <div className="toasts" role="status">{pending.map((each) => <div className="toast" key={each.key}><span className="grow">{each.text}</span><Button size="tiny" onClick={each.undo}>Undo</Button></div>)}</div>;
}

const typing = (target: EventTarget | null) => target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

export function AppFrame({ children }: { readonly children: ReactNode }) {
  const [finding, setFinding] = useState(false);
  const [tasks, setTasks] = useState(false);
  const { place, id } = useRoute();
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  const commands = useCommands({ openTasks: () => setTasks(true) });

  useFocusKept(main);
  useEffect(() => { // a new screen starts at its top and takes the focus, so that keys and readers follow
    if (first.current) { first.current = false; return; }
    main.current?.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [place, id]);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const command = event.ctrlKey || event.metaKey;
      if (command && !event.altKey && /^[1-9]$/.test(event.key)) { event.preventDefault(); const target = places[Number(event.key) - 1]; if (target) navigate(routeHref(target)); }
      else if (command && event.key.toLowerCase() === 'k') { event.preventDefault(); setFinding((before) => !before); }
      else if (command && event.key.toLowerCase() === 'j') { event.preventDefault(); setTasks((before) => !before); }
      else if (command && event.key === ',') { event.preventDefault(); navigate(routeHref('settings')); }
      else if (command && event.key === 'Enter') { event.preventDefault(); document.querySelector<HTMLElement>('[data-testid="primary-action"]:not(:disabled, [aria-disabled="true"])')?.click(); }
      else if (event.key === '?' && !typing(event.target)) { event.preventDefault(); navigate(routeHref('help')); }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);

  return (
    <div className="frame">
      <a className="skip" href="#page" onClick={(event) => { event.preventDefault(); main.current?.focus(); }}>Skip to the screen</a>
      <Rail />
      <div className="frame-main">
        <TopBar onFind={() => setFinding(true)} />
        <HostBanner />
        <main className="page" id="page" ref={main} tabIndex={-1}><ErrorBoundary resetKey={`${place}/${id ?? ''}`}>{children}</ErrorBoundary></main>
        {tasks ? <TaskDock onClose={() => setTasks(false)} /> : <div />}
        <StatusBar tasksOpen={tasks} onTasks={() => setTasks(!tasks)} />
      </div>
      <Toasts />
      {finding && <Palette commands={commands} onClose={() => setFinding(false)} />}
    </div>
  );
}

/** A banner inside the page that can be closed; kept here because only the frame floats things. */
export function Closable({ children, onClose }: { readonly children: ReactNode; readonly onClose: () => void }) {
  return <div className="row top"><div className="grow">{children}</div><IconButton label="Close" icon={<IconX size={14} aria-hidden />} onClick={onClose} /></div>;
}
