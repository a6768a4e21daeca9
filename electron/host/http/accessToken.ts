// The secret that opens the console in a browser: shown once in the address, exchanged for a cookie that scripts cannot read.
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export interface AccessToken {
  /** Goes into the fragment of the address, which never leaves the browser. */
  readonly token: string;
  readonly cookieName: string;
  isToken(text: string): boolean;
  /** A fresh session for whoever knows the token. */
  openSession(): string;
  isSession(text: string): boolean;
}

/** A page may stay open for as long as a campaign lasts; then it has to come through the door again. */
const sessionLifeMs = 30 * 24 * 3600_000;

const digest = (text: string) => createHash('sha256').update(text).digest();

/**
 * The port is in the cookie's name, because cookies of one host are shared by all its ports. A session is its end and a random part, signed with
 * the data folder's secret: the next host on this port and data folder accepts it, so that an open page survives a restart.
 */
export function makeAccessToken(port: number, secret: Buffer, clock: () => number = Date.now): AccessToken {
  const token = randomBytes(32).toString('base64url');
  const wanted = digest(token);
  const sign = (claim: string) => createHmac('sha256', secret).update(`millwright console ${port} ${claim}`).digest();
  return {
    token, cookieName: `millwright-${port}`,
    isToken: (text) => timingSafeEqual(digest(text), wanted),
    openSession() {
      const claim = `${(clock() + sessionLifeMs).toString(36)}.${randomBytes(16).toString('base64url')}`;
      return `${claim}.${sign(claim).toString('base64url')}`;
    },
    isSession(text) {
      const [end = '', random = '', signature = '', ...more] = text.split('.');
      const given = Buffer.from(signature, 'base64url');
      const right = sign(`${end}.${random}`);
      return more.length === 0 && given.length === right.length && timingSafeEqual(given, right) && Number.parseInt(end, 36) > clock();
    },
  };
}

export function cookieOf(header: string | undefined, name: string): string | null {
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return null;
}
