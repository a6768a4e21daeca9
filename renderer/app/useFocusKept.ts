// The focus does not fall out of the page: where the element that has it is taken away, the heading of the screen gets it.
import { useEffect, type RefObject } from 'react';

/** Whether the focus was lost with its element, not given up by a person, and nobody has taken it since. */
export const focusIsLost = (held: Pick<Node, 'isConnected'> | null, active: unknown, body: unknown): boolean => held !== null && !held.isConnected && (active === body || active === null);

export function useFocusKept(page: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const within = page.current;
    if (!within) return undefined;
    let held: HTMLElement | null = null;
    const onFocus = (event: FocusEvent) => { held = event.target instanceof HTMLElement ? event.target : null; };
    // Who clicks beside everything gives the focus up; an element that is being removed loses it too, and is gone when this is looked at.
    const onBlur = (event: FocusEvent) => { if (event.relatedTarget === null) queueMicrotask(() => { if (held === event.target && held?.isConnected) held = null; }); else held = null; };
    const observer = new MutationObserver(() => {
      if (!focusIsLost(held, document.activeElement, document.body)) return;
      held = null;
      const heading = within.querySelector<HTMLElement>('h1');
      if (heading && !heading.hasAttribute('tabindex')) heading.tabIndex = -1; // it can be given the focus, and Tab goes on from there
      (heading ?? within).focus({ preventScroll: true });
    });
    within.addEventListener('focusin', onFocus);
    within.addEventListener('focusout', onBlur);
    observer.observe(within, { childList: true, subtree: true });
    return () => { within.removeEventListener('focusin', onFocus); within.removeEventListener('focusout', onBlur); observer.disconnect(); };
  }, [page]);
}
