// The secret that opens the console in a browser: shown once in the address, exchanged for a cookie that scripts cannot read.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

export interface AccessToken {
  /** Goes into the fragment of the address, which never leaves the browser. */
  readonly token: string;
  readonly cookieName: string;
  isToken(text: string): boolean;
  /** A fresh session for whoever knows the token. */
  openSession(): string;
  isSession(text: string): boolean;
}

const digest = (text: string) => createHash('sha256').update(text).digest();

/** The port is in the cookie's name, because cookies of one host are shared by all its ports. */
export function makeAccessToken(port: number): AccessToken {
  const token = randomBytes(32).toString('base64url');
  const wanted = digest(token);
  const sessions: Buffer[] = [];
  return {
    token, cookieName: `millwright-${port}`,
    isToken: (text) => timingSafeEqual(digest(text), wanted),
    openSession() {
      const session = randomBytes(32).toString('base64url');
      sessions.push(digest(session));
      if (sessions.length > 100) sessions.shift();
      return session;
    },
    isSession: (text) => { const given = digest(text); return sessions.some((session) => timingSafeEqual(session, given)); },
  };
}

export function cookieOf(header: string | undefined, name: string): string | null {
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return null;
}
