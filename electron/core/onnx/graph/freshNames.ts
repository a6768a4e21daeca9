/** Makes names that no value of a graph has: the wanted one, else with _1, _2 … behind it. What was made is taken from then on. */
export function freshNames(names: Iterable<string>): (wanted: string) => string {
  const taken = new Set(names);
  return (wanted) => {
    let name = wanted;
    for (let i = 1; taken.has(name); i++) name = `${wanted}_${i}`;
    taken.add(name);
    return name;
  };
}
