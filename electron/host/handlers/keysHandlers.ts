// Answers of keys.*: each a call of its service.
import { backUpKey, restoreKey } from '#services/evidence/keyBackup';
import { exportKeys, listKeys } from '#services/evidence/listKeys';
import { moveKey } from '#services/evidence/moveKey';
import { rotateKey } from '#services/evidence/rotateKey';
import type { HandlersOf } from './Handlers.ts';

export const keysHandlers: HandlersOf<'keys.list' | 'keys.rotate' | 'keys.move' | 'keys.export' | 'keys.backup' | 'keys.restore'> = (services) => ({
  'keys.list': () => listKeys(services),
  'keys.rotate': (input) => rotateKey(services, input),
  'keys.move': (input) => moveKey(services, input),
  'keys.export': (input) => exportKeys(services, input),
  'keys.backup': (input) => backUpKey(services, input),
  'keys.restore': (input) => restoreKey(services, input),
});
