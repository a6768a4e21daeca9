// The bounded queue of a model: the lower priority number first, and within a priority clients take turns, so that one that sends many requests starves no other.
// Requests lie in one array, and never in a Map or Set: a table of those that is copied to a new one points to it for good, so that once an old table has become long-lived,
// all later ones and the requests in them stay until the next full collection, which at thousands of requests a second costs the slowest ones 15 ms.

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

/** So many requests of it are in the queue; the lowest turn is the next. */
interface Row { readonly name: string; held: number; turn: number }
interface Address extends Row { readonly asking: Map<string, Row> }
interface Place<T> { readonly entry: T; readonly address: Address; readonly asking: Row; readonly priority: number }

const accepted = { accepted: true, evicted: null } as const;
const refused = { accepted: false, evicted: null } as const;

/** Each turn looks at all that wait. */
export function createFairQueue<T>(lengthMax: number): FairQueue<T> {
  const places: Place<T>[] = []; // in their order of arrival
  const addresses = new Map<string, Address>();
  let turn = 0;

  const take = (index: number): Place<T> | undefined => {
    const place = places[index];
    if (!place) return undefined;
    places.splice(index, 1);
    const { address, asking } = place;
    if (--asking.held === 0) address.asking.delete(asking.name);
    if (--address.held === 0) addresses.delete(address.name);
    return place;
  };
  const remove = (entry: T): boolean => take(places.findIndex((place) => place.entry === entry)) !== undefined;
  /** The last and least urgent request of the greediest client: of the greediest address, or, where the newcomer's own is that, of the greediest one there. */
  const victimFor = ([address, within]: Client): number => {
    const home = addresses.get(address);
    const leader = most(addresses.values());
    const greediest = home && leader && home.held >= leader.held ? home : leader;
    const asking = greediest && most(greediest.asking.values());
    if (!asking || (greediest === home ? asking.held - (home.asking.get(within)?.held ?? 0) : greediest.held - (home?.held ?? 0)) < 2) return -1;
    let victim = -1, priority = 0;
    places.forEach((place, index) => { if (place.asking === asking && place.priority >= priority) { victim = index; ({ priority } = place); } });
    return victim;
  };
  const isBefore = (one: Place<T>, other: Place<T>) => one.priority - other.priority || one.address.turn - other.address.turn || one.asking.turn - other.asking.turn;

  return {
    get length() { return places.length; },
    push(entry, { client, client: [addressName, within], priority }) {
      const evicted = places.length >= lengthMax ? take(victimFor(client))?.entry ?? null : null;
      if (places.length >= lengthMax) return refused;
      const address = at(addresses, addressName, (): Address => ({ name: addressName, held: 0, turn: ++turn, asking: new Map() }));
      const asking = at(address.asking, within, (): Row => ({ name: within, held: 0, turn: ++turn }));
      address.held++;
      asking.held++;
      places.push({ entry, address, asking, priority });
      return evicted === null ? accepted : { accepted: true, evicted };
    },
    shift() {
      let next = 0;
      for (let index = 1; index < places.length; index++) if (isBefore(places[index]!, places[next]!) < 0) next = index; // both are within
      const place = take(next);
      if (!place) return undefined;
      place.address.turn = ++turn; // to the end of the row
      place.asking.turn = ++turn;
      return place.entry;
    },
    oldest: () => places[0]?.entry,
    remove, has: (entry) => places.some((place) => place.entry === entry),
  };
}

const most = <V extends Row>(all: Iterable<V>): V | undefined => { let found: V | undefined; for (const one of all) if (!found || one.held > found.held) found = one; return found; };

function at<V>(map: Map<string, V>, key: string, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
