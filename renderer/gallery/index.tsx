// Entry of the gallery: one state by `?state=` in the theme of `?theme=`, or the list of all; for people and for the test that photographs it.
import '../app/styles.ts';
import { MantineProvider } from '@mantine/core';
import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { z } from 'zod';
import { App } from '../app/App.tsx';
import { componentStates } from './componentStates.tsx';
import { fakeConnection } from './fakeConnection.ts';
import type { GalleryState } from './GalleryState.ts';
import { screenStates } from './screenStates.ts';

z.config({ jitless: true }); // the content policy forbids eval, which the faster way would try
const states: readonly GalleryState[] = [...componentStates, ...screenStates];

interface Shown { readonly id: string | null; readonly theme: string }
const read = (): Shown => { const query = new URLSearchParams(window.location.search); return { id: query.get('state'), theme: query.get('theme') ?? 'dark' }; };

function Console({ state }: { readonly state: Extract<GalleryState, { hash: string }> }) {
  const [connection] = useState(() => { if (window.location.hash === '') window.history.replaceState(null, '', state.hash); return fakeConnection(state.scenario()); });
  const { press, click } = state;
  useEffect(() => { if (press) window.dispatchEvent(new KeyboardEvent('keydown', { key: press, ctrlKey: true })); }, [press]);
  useEffect(() => {
    const found = () => Array.from(document.querySelectorAll('button')).find((button) => button.textContent === click);
    if (click === undefined) return undefined;
    const observer = new MutationObserver(() => { const button = found(); if (button) { observer.disconnect(); button.click(); } });
    observer.observe(document.body, { childList: true, subtree: true });
    return () => observer.disconnect();
  }, [click]);
  return <App connection={connection} />;
}

function List({ theme }: { readonly theme: string }) {
  return (
    <main className="page" style={{ height: '100vh' }}>
      <h1>Gallery</h1>
      <p className="dim">Every component and every screen in the states that a person meets, drawn from fixtures. <a href={`?theme=${theme === 'dark' ? 'light' : 'dark'}`}>{theme === 'dark' ? 'Light' : 'Dark'} theme</a></p>
      <ul className="gallery-list">{states.map((state) => <li key={state.id} data-state={state.id}><a href={`?state=${state.id}&theme=${theme}${'hash' in state ? state.hash : ''}`}>{state.title}</a></li>)}</ul>
    </main>
  );
}

function Gallery() {
  const [shown, setShown] = useState(read);
  useEffect(() => { const follow = () => setShown(read()); window.addEventListener('popstate', follow); return () => window.removeEventListener('popstate', follow); }, []);
  const state = states.find((each) => each.id === shown.id);
  useEffect(() => { // the settings of a scenario follow the system; the theme of the address wins
    const set = () => { const root = document.documentElement; if (root.dataset.theme !== shown.theme) { root.dataset.theme = shown.theme; root.dataset.mantineColorScheme = shown.theme === 'light' ? 'light' : 'dark'; } };
    set();
    const observer = new MutationObserver(set);
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    return () => observer.disconnect();
  }, [shown.theme]);
  if (!state) return <List theme={shown.theme} />;
  return 'hash' in state ? <Console key={state.id} state={state} />
    : <MantineProvider withCssVariables={false} withGlobalClasses={false} getRootElement={() => undefined}><main className="page" style={{ height: '100vh' }}>{<state.sheet key={state.id} />}</main></MantineProvider>;
}

const root = document.getElementById('root');
if (root) createRoot(root).render(<Gallery />);
