// What the target of a request means, here and to a server behind a gateway: one reading of it for all that is decided by paths.

/** Only proxies are sent the absolute form, and every server has to take it (RFC 9112, 3.2.2): what is left is the path with its query. */
export function originForm(target: string): string {
  if (target.startsWith('/')) return target; // each request comes by here
  const rest = /^https?:\/\/[^/?#]*/i.exec(target);
  if (rest === null) return target;
  const path = target.slice(rest[0].length);
  return path.startsWith('/') ? path : `/${path}`;
}

/** Decoded, without query, doubled slashes, `.` and `..`, in small letters, as the most lenient server reads it; null where it cannot be decoded, which is taken for the worst. */
export function plainPath(path: string): string | null {
  let decoded: string;
  try { decoded = decodeURIComponent(path.split(/[?#]/, 1)[0] ?? ''); } catch { return null; }
  const parts: string[] = [];
  for (const part of decoded.toLowerCase().split(/[/\\]/)) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

export function isBelow(path: string, closed: string): boolean {
  const plain = plainPath(path);
  return plain === null || plain.startsWith(closed);
}
