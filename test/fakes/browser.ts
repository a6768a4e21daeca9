// What a browser does at the door of the browser shell: trades the token of the address for a cookie.

export async function enterConsole(address: string): Promise<{ cookie: string; origin: string }> {
  const url = new URL(address);
  const response = await fetch(`${url.origin}/session`, { method: 'POST', body: url.hash.slice(1), headers: { origin: url.origin, 'content-type': 'text/plain' } });
  const cookie = (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  if (!response.ok || cookie === '') throw new Error(`The console did not let the test in (${response.status}).`);
  return { cookie, origin: url.origin };
}
