// Writes down what a page must not do: errors in its console, faults that nobody caught, requests to anything but its own address.
import type { Page } from 'playwright-core';

export interface PageWatch {
  readonly errors: readonly string[];
  /** Addresses outside the page's own that it asked for. */
  readonly strangers: readonly string[];
  /** Forgets the errors so far; for outages that the test itself brought about. */
  forgive(): void;
}

const ownSchemes = ['app:', 'data:', 'blob:', 'devtools:'];

export function watchPage(page: Page): PageWatch {
  const errors: string[] = [];
  const strangers: string[] = [];
  const note = (address: string) => {
    const { protocol, hostname } = new URL(address);
    if (!ownSchemes.includes(protocol) && hostname !== '127.0.0.1') strangers.push(address);
  };
  page.on('console', (message) => { if (message.type() === 'error') errors.push(`${message.text()} (${message.location().url})`); });
  page.on('pageerror', (error) => { errors.push(error.stack ?? error.message); });
  page.on('request', (request) => note(request.url()));
  page.on('websocket', (socket) => note(socket.url()));
  return { errors, strangers, forgive: () => { errors.length = 0; } };
}
