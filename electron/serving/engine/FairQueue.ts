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

/** So many requests of it are in the queue. */
interface Address { readonly name: string; held: number; readonly asking: Map<string, Asking> }
interface Asking { readonly name: string; readonly address: Address; held: number }
interface Place { readonly asking: Asking; readonly priority: number }

const accepted = { accepted: true, evicted: null } as const;
const refused = { accepted: false, evicted: null } as const;

export function createFairQueue<T>(lengthMax: number): FairQueue<T> {
  const places = new Map<T, Place>(); // keeps the order of arrival, and removes from the middle at no cost
  const addresses = new Map<string, Address>();
  const levels: { readonly priority: number; readonly turns: Map<Address, Map<Asking, Set<T>>> }[] = []; // ascending

  const turnsOf = (priority: number) => {
    const known = levels.find((level) => level.priority === priority);
    if (known) return known.turns;
    const made = { priority, turns: new Map<Address, Map<Asking, Set<T>>>() };
    levels.push(made);
    levels.sort((a, b) => a.priority - b.priority);
    return made.turns;
  };
  const remove = (entry: T): boolean => {
    const place = places.get(entry);
    if (!place) return false;
    places.delete(entry);
    const { asking, asking: { address } } = place;
    const turns = turnsOf(place.priority), row = turns.get(address), own = row?.get(asking);
    own?.delete(entry);
    if (own?.size === 0) row?.delete(asking);
    if (row?.size === 0) turns.delete(address);
    if (--asking.held === 0) address.asking.delete(asking.name);
    if (--address.held === 0) addresses.delete(address.name);
    return true;
  };
  /** The last and least urgent request of the greediest client: of the greediest address, or, where the newcomer's own is that, of the greediest one there. */
  const victimFor = ([address, within]: Client): T | null => {
    const home = addresses.get(address);
    const leader = most(addresses.values());
    const greediest = home && leader && home.held >= leader.held ? home : leader;
    const asking = greediest && most(greediest.asking.values());
    if (!asking || (greediest === home ? asking.held - (home.asking.get(within)?.held ?? 0) : greediest.held - (home?.held ?? 0)) < 2) return null;
    let victim: T | null = null, priority = 0;
    for (const [entry, place] of places) if (place.asking === asking && place.priority >= priority) { victim = entry; ({ priority } = place); }
    return victim;
  };

  return {
    get length() { return places.size; },
    push(entry, { client, client: [addressName, within], priority }) {
      const evicted = places.size >= lengthMax ? victimFor(client) : null;
      if (evicted !== null) remove(evicted);
      if (places.size >= lengthMax) return refused;
      const address = at(addresses, addressName, () => ({ name: addressName, held: 0, asking: new Map<string, Asking>() }));
      const asking = at(address.asking, within, () => ({ name: within, address, held: 0 }));
      address.held++;
      asking.held++;
      places.set(entry, { asking, priority });
      at(at(turnsOf(priority), address, () => new Map<Asking, Set<T>>()), asking, () => new Set<T>()).add(entry);
      return evicted === null ? accepted : { accepted: true, evicted };
    },
    shift() {
      const level = levels.find(({ turns }) => turns.size > 0);
      const row = level && nextTurn(level.turns);
      const own = row && nextTurn(row);
      const entry = own && firstOf(own);
      if (entry !== undefined) remove(entry);
      return entry;
    },
    oldest: () => firstOf(places.keys()),
    remove, has: (entry) => places.has(entry),
  };
}

const firstOf = <V>(values: Iterable<V>): V | undefined => { for (const value of values) return value; return undefined; };
const most = <V extends { readonly held: number }>(all: Iterable<V>): V | undefined => { let found: V | undefined; for (const one of all) if (!found || one.held > found.held) found = one; return found; };

function at<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}

/** The first in the row, which goes to its end. */
function nextTurn<K, V>(turns: Map<K, V>): V | undefined {
  for (const [key, value] of turns) {
    if (turns.size === 1) return value;
    turns.delete(key);
    turns.set(key, value);
    return value;
  }
  return undefined;
}
