// Closes what a page could use to leave its frame: permissions, navigation, new windows, webviews, downloads and outside requests.
import { session, type WebContents } from 'electron';
import { pageOrigin } from './pageProtocol.ts';

const inside = (url: string) => url === pageOrigin || url.startsWith(`${pageOrigin}/`) || url.startsWith('devtools://') || url.startsWith('blob:app://') || url.startsWith('data:');

export function hardenSession(): void {
  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler((_contents, permission, decide) => decide(permission === 'clipboard-sanitized-write'));
  defaultSession.setPermissionCheckHandler((_contents, permission) => permission === 'clipboard-sanitized-write');
  defaultSession.on('will-download', (event, item) => { if (!inside(item.getURL())) event.preventDefault(); });
  // Offline by design: whatever the page asks for outside its own scheme is refused before a name is looked up.
  defaultSession.webRequest.onBeforeRequest((details, decide) => decide({ cancel: !inside(details.url) }));
}

export function hardenWebContents(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  contents.on('will-navigate', (event, url) => { if (!inside(url)) event.preventDefault(); });
  contents.on('will-redirect', (event, url) => { if (!inside(url)) event.preventDefault(); });
  contents.on('will-attach-webview', (event) => event.preventDefault());
}

/** True when a message comes from our own page's top frame; every handler asks it first. */
export function isOwnPage(frame: { readonly url: string; readonly parent: unknown } | null): boolean {
  return frame !== null && frame.parent === null && frame.url.startsWith(`${pageOrigin}/`);
}
