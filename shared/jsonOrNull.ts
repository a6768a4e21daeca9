// Reads JSON that may be damaged or none at all, for callers that hold what comes out against a schema.

/** Null where the text is no JSON, as where it is the JSON text null. */
export function jsonOrNull(text: string): unknown {
  try { return JSON.parse(text); } catch { return null; }
}
