// Collects findings with a bound per kind, so that a model with a million faults gives a list that a person can read.
import type { Finding } from '#shared/finding';

const perKind = 50;

export interface FindingList {
  add(id: string, severity: Finding['severity'], place: string, message: string, remedy?: string): void;
  /** Errors first, then warnings, then notes; within these in the order found. What was left out is counted. */
  all(): Finding[];
}

/** Names from a file may be long or hold line breaks and control characters. */
export function quoted(name: string): string {
  // oxlint-disable-next-line no-control-regex -- exactly these are meant
  const plain = name.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?');
  return `"${plain.length > 80 ? `${plain.slice(0, 77)}...` : plain}"`;
}

export function findingList(): FindingList {
  const findings: Finding[] = [];
  const counts = new Map<string, number>();
  const order = { error: 0, warning: 1, info: 2 } as const;
  return {
    add(id, severity, place, message, remedy) {
      const count = (counts.get(id) ?? 0) + 1;
      counts.set(id, count);
      if (count <= perKind) findings.push({ id, severity, place: place.length > 160 ? `${place.slice(0, 157)}...` : place, message, ...(remedy === undefined ? {} : { remedy }) });
    },
    all() {
      const left = [...counts].filter(([, count]) => count > perKind);
      const more = left.map(([id, count]): Finding => ({ id, severity: findings.find((finding) => finding.id === id)?.severity ?? 'info', place: 'model', message: `And ${count - perKind} more of this kind.` }));
      return [...findings, ...more].sort((a, b) => order[a.severity] - order[b.severity]);
    },
  };
}
