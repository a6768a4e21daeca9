// Which version a request goes to, and which ones may take over: pure, so that shares and stickiness can be proven.
import type { GatewayConfig } from '#shared/gateway';

/** Spreads a share evenly without chance: of 100 requests exactly `percent` are taken, and never two bursts in a row. */
export interface Share { takes(percent: number): boolean }

export function makeShare(): Share {
  let owed = 0;
  return {
    takes(percent) {
      owed += percent;
      if (owed < 100) return false;
      owed -= 100;
      return true;
    },
  };
}

/** FNV-1a with a final mix, as a share of 0 to 100: the same key always falls on the same place. */
export function placeOfKey(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  hash ^= hash >>> 16;
  return ((hash >>> 0) / 2 ** 32) * 100;
}

/** Versions to try, first to last: the canary or the live one, then the live one, then the fallback; each once. */
export function targetsToTry(config: GatewayConfig, key: string | null, share: Share): readonly string[] {
  const { canary } = config;
  const toCanary = canary !== null && (canary.keyHeader !== null && key !== null ? placeOfKey(key) < canary.percent : share.takes(canary.percent));
  return [...new Set([...(toCanary ? [canary.target] : []), config.live, ...(config.fallback === null ? [] : [config.fallback])])];
}
