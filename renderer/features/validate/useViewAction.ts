// Lets a view offer the screen's primary action without the head knowing its state.
import { useEffect, useRef } from 'react';

/** What the view on show offers as the screen's one primary action. */
export interface ViewAction { readonly label: string; readonly disabled: boolean; readonly run: () => void; /** It leads elsewhere instead of doing something here. */ readonly leads: boolean }

export function useViewAction(onAction: (action: ViewAction | null) => void, label: string, disabled: boolean, run: () => void, leads = false): void {
  const latest = useRef(run);
  useEffect(() => { latest.current = run; });
  useEffect(() => { onAction({ label, disabled, leads, run: () => latest.current() }); return () => onAction(null); }, [onAction, label, disabled, leads]);
}
