// What must be true at a glance: engine, load, tasks, the page's seal, the audit chain. What is not known says so.
import { IconLink, IconLinkOff, IconShieldCheck, IconShieldX } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { isActive } from '../api/jobStore.ts';
import { useJobs } from '../api/useJob.ts';
import { useOp } from '../api/useOp.ts';
import { formatCount, formatGiB } from '../ui/format.ts';
import { ToneIcon } from '../ui/Status.tsx';
import { useMachineSample } from './machineFeed.ts';
import { routeHref } from './routes.ts';
import { useEngine } from './useEngine.ts';

/** Attempts of this page to reach anything but its host, as the browser's content policy reports them. */
function useBlockedAttempts(): number {
  const [count, setCount] = useState(0);
  useEffect(() => {
    const listener = (event: SecurityPolicyViolationEvent) => { if (/^(connect|img|script|font|frame|media|object)/.test(event.effectiveDirective)) setCount((before) => before + 1); };
    document.addEventListener('securitypolicyviolation', listener);
    return () => document.removeEventListener('securitypolicyviolation', listener);
  }, []);
  return count;
}

function Load() {
  const { latest } = useMachineSample();
  const machine = useOp('machine.inspect', {}).data;
  if (!latest) return <span className="item">Load unknown</span>;
  const gpu = latest.gpus[0];
  const name = machine?.gpus[0]?.model;
  return (
    <>
      <a className="item" href={routeHref('machine')}>CPU {latest.cpuPercent.toFixed(0)} %</a>
      <span className="item">Memory {formatGiB(latest.memoryUsedBytes).replace(' GB', '')} / {formatGiB(latest.memoryTotalBytes)}</span>
      {gpu ? <span className="item">GPU {name ?? ''}{gpu.utilisationPercent === null ? '' : ` ${gpu.utilisationPercent.toFixed(0)} %`}{gpu.temperatureC === null ? '' : ` · ${gpu.temperatureC.toFixed(0)} °C`}</span> : machine && <span className="item">No GPU</span>}
      {latest.temperatureC !== null && <span className="item">{latest.temperatureC.toFixed(0)} °C</span>}
    </>
  );
}

function Engine() {
  const seen = useEngine();
  if (!seen) return <span className="item"><ToneIcon tone="dim" />Engine not checked yet</span>;
  const { available, engine, version, reason } = seen;
  return <a className="item" href={routeHref('machine')} title={reason}><ToneIcon tone={available ? 'ok' : 'warn'} />{available ? `${engine ?? 'Engine'} ${version ?? ''}` : 'No container engine'}</a>;
}

function Audit() {
  const { data, error } = useOp('audit.verify', {});
  if (error) return <a className="item" href={routeHref('evidence', null, { tab: 'audit' })}><ToneIcon tone="dim" />Audit chain unknown</a>;
  if (!data) return null;
  return <a className="item" href={routeHref('evidence', null, { tab: 'audit' })} title={`${formatCount(data.entries)} entries`}>{data.intact ? <IconLink size={15} className="tone-ok" aria-hidden /> : <IconLinkOff size={15} className="tone-bad" aria-hidden />}{data.intact ? 'Audit chain intact' : 'Audit chain broken'}</a>;
}

function Tasks({ onOpen, open }: { readonly onOpen: () => void; readonly open: boolean }) {
  const active = useJobs().filter(isActive);
  const first = active.find((job) => job.state !== 'queued') ?? active[0];
  const share = first?.progress && first.progress.total > 1 ? ` ${formatCount(first.progress.done)} / ${formatCount(first.progress.total)}` : '';
  return <button type="button" className="item" aria-expanded={open} data-testid="task-tray" onClick={onOpen}><ToneIcon tone={first ? 'busy' : 'dim'} />{first ? `${active.length} ${active.length === 1 ? 'task' : 'tasks'} · ${(first.progress?.stage ?? first.title).slice(0, 44)}${share}` : 'No task'}</button>;
}

export function StatusBar({ onTasks, tasksOpen }: { readonly onTasks: () => void; readonly tasksOpen: boolean }) {
  const blocked = useBlockedAttempts();
  const sealed = blocked === 0;
  return (
    <footer className="statusbar" aria-label="Status">
      <Engine /><Load />
      <span className="grow" />
      <Tasks onOpen={onTasks} open={tasksOpen} />
      <span className="item" title="The content policy lets this page talk to its own host only. Attempts of containers are not counted in this version.">{sealed ? <IconShieldCheck size={15} className="tone-ok" aria-hidden /> : <IconShieldX size={15} className="tone-warn" aria-hidden />}Page sealed · {blocked === 0 ? 'no' : formatCount(blocked)} outside {blocked === 1 ? 'request' : 'requests'}</span>
      <Audit />
    </footer>
  );
}
