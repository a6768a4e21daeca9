// Waits between two looks at something, for as long as somebody wants the next one.

/** Resolves after `ms`, or at once when the signal is aborted; leaves no listener on it, for a stream that looks once a second lives as long as a shift. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => { clearTimeout(timer); signal.removeEventListener('abort', done); resolve(); };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
}
