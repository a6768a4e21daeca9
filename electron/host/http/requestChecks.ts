// Whether a request may come from the console's own page: the name it was sent to and the page that sent it.
import type { IncomingHttpHeaders } from 'node:http';

const loopbackNames = ['127.0.0.1', 'localhost', '[::1]'];

/** A foreign name that resolves to 127.0.0.1 (DNS rebinding) arrives with that name in Host. */
export function isOwnHost(headers: IncomingHttpHeaders, port: number): boolean {
  return loopbackNames.some((name) => headers.host === `${name}:${port}` || (port === 80 && headers.host === name));
}

/** Requests that act, and WebSockets, must come from a page of this very address; a missing Origin is none. */
export function isOwnOrigin(headers: IncomingHttpHeaders): boolean {
  return headers.origin === `http://${headers.host}`;
}

/** Reading pages and files: browsers tell where a request comes from; a foreign site may not even load a picture. */
export function isOwnSite(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  return site === undefined || site === 'same-origin' || site === 'none';
}

/** `[::1]` is no valid source in a policy; a page opened there talks through 'self'. */
export function securityHeaders(port: number): Readonly<Record<string, string>> {
  const sockets = ['127.0.0.1', 'localhost'].map((name) => `ws://${name}:${port}`).join(' ');
  return {
    'Content-Security-Policy': `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self' ${sockets}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    'X-Content-Type-Options': 'nosniff', 'X-Frame-Options': 'DENY', 'Referrer-Policy': 'no-referrer', 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Resource-Policy': 'same-origin', 'Cache-Control': 'no-store',
  };
}
