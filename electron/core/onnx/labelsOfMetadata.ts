// Class names that exporters leave in a model's metadata: a Python or JSON dictionary or list, or names separated by commas or lines.

const keys = ['names', 'labels', 'classes', 'class_names', 'id2label'];

/** Names in class order, or null when the metadata has none that make sense. */
export function labelsOfMetadata(metadata: Readonly<Record<string, string>>): string[] | null {
  for (const key of keys) {
    const text = metadata[key]?.trim();
    const labels = text ? parseLabels(text) : null;
    if (labels && labels.length > 0 && labels.length <= 100_000) return labels;
  }
  return null;
}

function parseLabels(text: string): string[] | null {
  if (text.startsWith('{')) return fromDictionary(text);
  if (text.startsWith('[')) return quotedParts(text.slice(1, -1)) ?? plainParts(text.slice(1, -1));
  return plainParts(text);
}

/** {0: 'person', 1: 'bicycle'} as the Ultralytics exporter writes it, or JSON with quoted keys. Keys must be 0, 1, 2 … */
function fromDictionary(text: string): string[] | null {
  const entries = [...text.matchAll(/["']?(\d{1,6})["']?\s*:\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')/g)];
  const labels: string[] = [];
  for (const [, key = '', double, single] of entries) labels[Number(key)] = unescaped(double ?? single ?? '');
  return labels.length === entries.length && entries.length > 0 && !labels.includes(undefined as unknown as string) ? labels : null; // a hole reads as undefined
}

function quotedParts(text: string): string[] | null {
  const parts = [...text.matchAll(/"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/g)].map(([, double, single]) => unescaped(double ?? single ?? ''));
  return parts.length > 0 ? parts : null;
}

function plainParts(text: string): string[] | null {
  const parts = text.split(text.includes('\n') ? /\r?\n/ : /[,;|]/).map((part) => part.trim()).filter((part) => part !== '');
  return parts.length > 1 ? parts : null;
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, '$1');
}
