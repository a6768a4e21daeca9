// The door of the browser shell: a page that trades the token in the address for a cookie and then forgets it. The empty icons keep browsers
// from asking for /favicon.ico, which nobody may have before the door.

export const enterHtml = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Millwright</title><link rel="icon" href="data:,"><script src="/enter.js" defer></script></head>
<body><p id="state">Opening the console …</p></body></html>
`;

/** The fragment never goes over the wire; it is posted once and then removed from the history. */
export const enterScript = `'use strict';
const token = location.hash.slice(1);
history.replaceState(null, '', '/enter');
fetch('/session', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: token, credentials: 'same-origin' }).then((response) => {
  if (response.ok) location.replace('/');
  else document.getElementById('state').textContent = 'This address is not valid any more. Open the one that "millwright ui" printed last.';
}, () => { document.getElementById('state').textContent = 'The host does not answer. Start it again with "millwright ui".'; });
`;

export const strangerHtml = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Millwright</title><link rel="icon" href="data:,"></head>
<body><p>This browser has not been let in. Open the address that "millwright ui" printed.</p></body></html>
`;
