// A copy of a model (or any part of one) whose structure may be changed freely; tensor bytes are shared, not copied.

/** Messages, lists and unions are new; Uint8Arrays are the same objects: replace them, never write into them. */
export function copyMessage<T extends object>(message: T): T {
  const copy: T = Object.create(Object.getPrototypeOf(message)); // the schema's defaults live on the prototype
  for (const [key, value] of Object.entries(message)) Object.defineProperty(copy, key, { value: copyValue(value), enumerable: true, writable: true, configurable: true });
  return copy;
}

function copyValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.length > 0 && typeof value[0] === 'object' ? value.map(copyValue) : value.slice();
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return copyMessage(value);
}
