// The order of classes that nobody gave an order.
/** By code units, the same on every machine. */
export const byName = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** Classes named 0, 1, 2 … 10 are in the order of their numbers, others in the order of their code units. */
export function sortClasses(names: Iterable<string>): string[] {
  const list = [...new Set(names)];
  return list.every((name) => /^(0|-?[1-9]\d{0,14})$/.test(name)) ? list.sort((a, b) => Number(a) - Number(b)) : list.sort(byName);
}
