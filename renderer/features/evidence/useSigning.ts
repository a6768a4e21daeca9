// What a signature needs: with users one of them and the password, without them a name; the password is forgotten after each try.
import { useState } from 'react';
import { rolesThatSign, type EvidenceRecord } from '#shared/contract/evidence';
import type { AppError } from '#shared/errors';
import { useAction, useOp } from '../../api/useOp.ts';
import type { Choice } from '../../ui/Field.tsx';
import { isAuthor, nextMeaning, type Meaning } from './words.ts';

export interface Signing {
  /** The meaning that the report lacks; null when it has all. */
  readonly next: Meaning | null;
  readonly meaning: Meaning;
  readonly setMeaning: (meaning: Meaning) => void;
  /** There are users, so that a signature needs one and the password. */
  readonly asksPassword: boolean;
  readonly choices: readonly Choice[];
  readonly user: string | null;
  readonly setUser: (user: string | null) => void;
  readonly password: string;
  readonly setPassword: (password: string) => void;
  readonly name: string;
  readonly setName: (name: string) => void;
  readonly ready: boolean;
  readonly busy: boolean;
  readonly error: AppError | null;
  readonly submit: () => Promise<void>;
}

export function useSigning(record: EvidenceRecord | undefined, onSigned: () => void): Signing {
  const userName = useOp('app.settings', {}).data?.userName ?? '';
  const people = useOp('people.list', {});
  const sign = useAction('evidence.sign');
  const [chosenMeaning, setMeaning] = useState<Meaning | null>(null);
  const [chosenUser, setUser] = useState<string | null>(null);
  const [typedName, setName] = useState<string | null>(null);
  const [password, setPassword] = useState('');
  const next = nextMeaning(record?.signatures ?? []);
  const meaning = chosenMeaning ?? next ?? 'approved';
  const users = (people.data ?? []).filter((each) => each.disabledAt === null);
  const asksPassword = users.length > 0;
  const allowed = users.filter((each) => rolesThatSign[meaning].includes(each.role) && (meaning === 'prepared' || !isAuthor(record?.signatures ?? [], each)));
  const user = allowed.find((each) => each.user === chosenUser)?.user ?? allowed.find((each) => each.printedName === userName || each.user === userName)?.user ?? null;
  const name = typedName ?? userName;
  const known = people.data !== undefined || people.error !== null; // until then nobody knows what will be asked
  const ready = known && (asksPassword ? user !== null && password !== '' : name.trim() !== '');
  const submit = async () => {
    if (!record || !ready) return;
    const who = asksPassword ? { by: { user: user ?? '', password } } : { signer: name.trim() };
    setPassword('');
    if (await sign.run({ path: record.paths.zip, meaning, ...who })) { setMeaning(null); setUser(null); onSigned(); }
  };
  return {
    next, meaning, setMeaning, asksPassword, user, setUser, password, setPassword, name, setName, ready, busy: sign.busy, error: sign.error, submit,
    choices: users.map((each) => ({ value: each.user, label: `${each.printedName} · ${each.role}`, disabled: !allowed.includes(each) })),
  };
}
