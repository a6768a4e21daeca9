// State as icon, word and colour; never colour alone, and unknown is never green.
import { IconAlertTriangle, IconCircleCheck, IconCircleDashed, IconCircleX, IconInfoCircle, IconLoader2, IconPlayerPause } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { EvidenceRecord } from '#shared/contract/evidence';

export type Tone = 'ok' | 'warn' | 'bad' | 'info' | 'dim' | 'busy' | 'paused';

export function ToneIcon({ tone, size = 15 }: { readonly tone: Tone; readonly size?: number }) {
  const props = { size, stroke: 1.8, 'aria-hidden': true } as const;
  switch (tone) {
    case 'ok': return <IconCircleCheck {...props} className="tone-ok" />;
    case 'warn': return <IconAlertTriangle {...props} className="tone-warn" />;
    case 'bad': return <IconCircleX {...props} className="tone-bad" />;
    case 'info': return <IconInfoCircle {...props} className="tone-info" />;
    case 'busy': return <IconLoader2 {...props} className="tone-accent spin" />;
    case 'paused': return <IconPlayerPause {...props} className="tone-warn" />;
    case 'dim': return <IconCircleDashed {...props} className="tone-dim" />;
  }
}

export function StatusWord({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
  return <span className="status"><ToneIcon tone={tone} />{children}</span>;
}

export function Badge({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
  return <span className="badge"><ToneIcon tone={tone} />{children}</span>;
}

export function Tag({ tone, children, title }: { readonly tone?: 'ok' | 'warn' | 'bad' | undefined; readonly children: ReactNode; readonly title?: string }) {
  return <span className={`tag ${tone ?? ''}`} title={title}>{children}</span>;
}

export const verdictTone = (verdict: string | null): Tone =>
  verdict === 'PASS' ? 'ok' : verdict === 'FAIL' ? 'bad' : verdict === 'PASS WITH DEVIATIONS' || verdict === 'INCOMPLETE' ? 'warn' : 'dim';
export const severityTone = (severity: 'info' | 'warning' | 'error'): Tone => (severity === 'error' ? 'bad' : severity === 'warning' ? 'warn' : 'info');
export const checkTone = (status: 'pass' | 'warn' | 'fail' | 'unknown'): Tone => (status === 'pass' ? 'ok' : status === 'warn' ? 'warn' : status === 'fail' ? 'bad' : 'dim');

export const evidenceWords: Readonly<Record<EvidenceRecord['state'], string>> = { draft: 'Draft', review: 'In review', approved: 'Approved', superseded: 'Superseded' };
export const evidenceTone: Readonly<Record<EvidenceRecord['state'], Tone>> = { draft: 'dim', review: 'info', approved: 'ok', superseded: 'warn' };

const verdictWords: Readonly<Record<string, string>> = { PASS: 'Passed', FAIL: 'Failed', 'PASS WITH DEVIATIONS': 'Passed with deviations', INCOMPLETE: 'Incomplete', 'NOT MEASURED': 'Not measured' };
export function VerdictWord({ verdict }: { readonly verdict: string | null }) {
  return <StatusWord tone={verdict === 'NOT MEASURED' ? 'warn' : verdictTone(verdict)}>{verdict === null ? 'Not validated' : verdictWords[verdict] ?? verdict}</StatusWord>;
}
