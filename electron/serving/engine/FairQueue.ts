// The bounded queue of a model: the lower priority number first, and within a priority clients take turns, so that one that sends many requests starves no other.

/** Who asked: an address, and who at that address, as far as that is known. Turns go by address first: who invents names gains nothing over others. */
export type Client = readonly [address: string, within: string];
export interface Ticket { readonly client: Client; /** 1 comes first. */ readonly priority: number }

export interface FairQueue<T> {
  readonly length: number;
  /** In a full queue the client that has most in it gives its last request to one that has fewer by two or more. */
  push(entry: T, ticket: Ticket): { readonly accepted: boolean; readonly evicted: T | null };
  /** The one whose turn it is. */
  shift(): T | undefined;
  /** The one that has waited longest, whosever turn it is. */
  oldest(): T | undefined;
  remove(entry: T): boolean;
  has(entry: T): boolean;
}

export function createFairQueue<T>(lengthMax: number): FairQueue<T> {
  const tickets = new Map<T, Ticket>(); // keeps the order of arrival, and removes from the middle at no cost
  const levels = new Map<number, Turns<Turns<Set<T>>>>();
  const held = new Map<string, number>();

  const count = ({ client }: Ticket, by: 1 | -1) => {
    for (const key of [client[0], nameOf(client)]) {
      const now = (held.get(key) ?? 0) + by;
      if (now === 0) held.delete(key); else held.set(key, now);
    }
  };
  const remove = (entry: T): boolean => {
    const ticket = tickets.get(entry);
    if (!ticket) return false;
    tickets.delete(entry);
    count(ticket, -1);
    const level = levels.get(ticket.priority), address = level?.get(ticket.client[0]), own = address?.get(ticket.client[1]);
    own?.delete(entry);
    if (own?.size === 0) address?.delete(ticket.client[1]);
    if (address?.size === 0) level?.delete(ticket.client[0]);
    if (level?.size === 0) levels.delete(ticket.priority);
    return true;
  };
  /** The last request of the greediest address; within the newcomer's own address, of its greediest client. */
  const victimFor = ({ client }: Ticket): T | null => {
    const of = (key: string) => held.get(key) ?? 0;
    let most: Ticket | null = null, victim: T | null = null;
    for (const [entry, ticket] of tickets) {
      const [more, same] = most ? [of(ticket.client[0]) - of(most.client[0]) || of(nameOf(ticket.client)) - of(nameOf(most.client)), nameOf(ticket.client) === nameOf(most.client)] : [1, false];
      if (more > 0 || (same && ticket.priority >= (most?.priority ?? 0))) { most = ticket; victim = entry; }
    }
    if (!most) return null;
    const gap = most.client[0] === client[0] ? of(nameOf(most.client)) - of(nameOf(client)) : of(most.client[0]) - of(client[0]);
    return gap >= 2 ? victim : null;
  };

  return {
    get length() { return tickets.size; },
    push(entry, ticket) {
      const evicted = tickets.size >= lengthMax ? victimFor(ticket) : null;
      if (evicted !== null) remove(evicted);
      if (tickets.size >= lengthMax) return { accepted: false, evicted: null };
      tickets.set(entry, ticket);
      count(ticket, 1);
      const level = at(levels, ticket.priority, () => new Map<string, Turns<Set<T>>>());
      at(at(level, ticket.client[0], () => new Map<string, Set<T>>()), ticket.client[1], () => new Set<T>()).add(entry);
      return { accepted: true, evicted };
    },
    shift() {
      if (tickets.size === 0) return undefined;
      const level = levels.get(levels.size === 1 ? firstOf(levels.keys()) ?? 0 : Math.min(...levels.keys()));
      const address = level && nextTurn(level);
      const own = address && nextTurn(address);
      const entry = own && firstOf(own);
      if (entry !== undefined) remove(entry);
      return entry;
    },
    oldest: () => firstOf(tickets.keys()),
    remove, has: (entry) => tickets.has(entry),
  };
}

type Turns<V> = Map<string, V>;
const nameOf = ([address, within]: Client): string => `${address}\n${within}`;
const firstOf = <V>(values: Iterable<V>): V | undefined => { for (const value of values) return value; return undefined; };

function at<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}

/** The first in the row, which goes to its end. */
function nextTurn<V>(turns: Turns<V>): V | undefined {
  for (const [key, value] of turns) {
    turns.delete(key);
    turns.set(key, value);
    return value;
  }
  return undefined;
}
