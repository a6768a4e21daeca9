// What the gallery shows under one name: a sheet of components, or the whole console at an address with a scenario.
import type { ReactNode } from 'react';
import type { Scenario } from './fakeConnection.ts';

export type GalleryState =
  | { readonly id: string; readonly title: string; readonly sheet: () => ReactNode }
  | { readonly id: string; readonly title: string; readonly hash: string; readonly scenario: () => Scenario; /** Keys pressed with Ctrl once it stands: k opens the palette, j the tasks. */ readonly press?: 'k' | 'j'; /** The button that is pressed once it stands. */ readonly click?: string };
