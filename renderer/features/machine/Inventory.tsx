// What the machine has: processor, memory, limits, accelerators, runtime providers, container engine, disks, clock, probes.
import type { MachineReport } from '#shared/contract/machine';
import { Card, KeyValue } from '../../ui/Card.tsx';
import { formatBytes, formatDuration, formatGiB } from '../../ui/format.ts';
import { StatusWord, Tag } from '../../ui/Status.tsx';

const orUnknown = (value: string | number | null): string => (value === null || value === '' ? 'unknown' : String(value));
const cache = (bytes: number | null) => (bytes === null ? '?' : bytes < 2 ** 20 ? `${Math.round(bytes / 1024)} kB` : `${(bytes / 2 ** 20).toFixed(1)} MB`);
/** The instruction sets that decide how fast INT8 runs. */
const int8Sets = ['AVX2', 'AVX512F', 'AVX512_VNNI', 'AVX_VNNI', 'AMX_INT8', 'DOTPROD', 'I8MM', 'SVE'];

export function Inventory({ report }: { readonly report: MachineReport }) {
  const { cpu, memory, limits, os, clock, containers } = report;
  return (
    <div className="cols2">
      <Card title="Processor"><KeyValue rows={[
        ['Model', cpu.model], ['Cores · threads', `${cpu.cores} · ${cpu.threads}`], ['Base clock', cpu.baseGHz === null ? 'unknown' : `${cpu.baseGHz.toFixed(2)} GHz`],
        ['For INT8', <span className="tags" key="isa">{cpu.isa.length === 0 ? 'unknown' : cpu.isa.map((set) => <Tag key={set} tone={int8Sets.includes(set) ? 'ok' : undefined}>{set}</Tag>)}</span>],
        ['Caches', `L1d ${cache(cpu.cacheBytes.l1d)} · L2 ${cache(cpu.cacheBytes.l2)} · L3 ${cache(cpu.cacheBytes.l3)}`],
        ['Virtual machine', cpu.virtualised === null ? 'unknown' : cpu.virtualised ? 'yes' : 'no'],
      ]} /></Card>
      <Card title="Memory and limits"><KeyValue rows={[
        ['Memory', `${formatGiB(memory.totalBytes)}, ${formatGiB(memory.availableBytes)} available`], ['Swap', memory.swapTotalBytes === 0 ? 'none' : formatGiB(memory.swapTotalBytes)],
        ['In a container', limits.inContainer ? 'yes' : 'no'], ['CPU limit', limits.cpuQuota === null ? 'none' : `${limits.cpuQuota} cores`], ['Memory limit', limits.memoryBytes === null ? 'none' : formatGiB(limits.memoryBytes)],
        ['System', `${os.distro} ${os.release} · ${os.kernel} · ${os.arch}`], ['Clock', `${orUnknown(clock.source)} · ${clock.synchronised === null ? 'synchronised: unknown' : clock.synchronised ? 'synchronised' : 'not synchronised'} · ${clock.timeZone}`],
      ]} /></Card>
      <Card title="Accelerators" unit={report.gpus.length === 0 ? 'none' : String(report.gpus.length)}>
        {report.gpus.length === 0 ? <p className="dim">CPU only. Models that meet the takt on the processor still fit; the benchmark tells.</p> : report.gpus.map((gpu) => (
          <KeyValue key={gpu.index} rows={[['Model', `${gpu.vendor} ${gpu.model}`], ['Memory', gpu.memoryTotalBytes === null ? 'unknown' : `${gpu.memoryUsedBytes === null ? '' : `${formatGiB(gpu.memoryUsedBytes)} of `}${formatGiB(gpu.memoryTotalBytes)}`], ['Driver', orUnknown(gpu.driver)], ['Load · temperature', `${gpu.utilisationPercent === null ? 'unknown' : `${gpu.utilisationPercent} %`} · ${gpu.temperatureC === null ? 'unknown' : `${gpu.temperatureC} °C`}`], ['Read from', gpu.source]]} />
        ))}
      </Card>
      <Card title="Container engine">
        <KeyValue rows={[['State', <StatusWord key="s" tone={containers.available ? 'ok' : 'warn'}>{containers.available ? 'Answers' : 'Not available'}</StatusWord>], ['Engine', containers.engine === null ? 'none found' : `${containers.engine} ${containers.version ?? ''}`], ['Socket', orUnknown(containers.socket)], ['Reason', containers.reason || '–']]} />
      </Card>
      <Card title="Runtime providers" unit="where a model can run" flush>
        <table className="data static"><thead><tr><th scope="col">Provider</th><th scope="col">State</th><th scope="col">Reason</th></tr></thead>
          <tbody>{report.providers.map((provider) => <tr key={provider.name}><td>{provider.name}</td><td><StatusWord tone={provider.available ? 'ok' : 'dim'}>{provider.available ? 'Available' : 'Not here'}</StatusWord></td><td className="wrap dim">{provider.reason}</td></tr>)}</tbody></table>
      </Card>
      <div className="stack">
        <Card title="Disks" flush>
          <table className="data static"><thead><tr><th scope="col">Mount</th><th scope="col" className="n">Free</th><th scope="col" className="n">Size</th><th scope="col">Type</th></tr></thead>
            <tbody>{report.disks.map((disk) => <tr key={disk.mount}><td><code>{disk.mount}</code> {disk.holdsData && <Tag>data</Tag>}</td><td className="n">{formatBytes(disk.availableBytes)}</td><td className="n dim">{formatBytes(disk.totalBytes)}</td><td className="dim">{disk.fileSystem}</td></tr>)}</tbody></table>
        </Card>
        <Card title="Probes" unit="how long each reading took" flush>
          <table className="data static"><thead><tr><th scope="col">Probe</th><th scope="col">State</th><th scope="col" className="n">Time</th></tr></thead>
            <tbody>{report.probes.map((probe) => <tr key={probe.id}><td>{probe.id}</td><td className="wrap"><StatusWord tone={probe.ok ? 'ok' : 'warn'}>{probe.ok ? 'Read' : probe.reason}</StatusWord></td><td className="n">{formatDuration(probe.durationMs)}</td></tr>)}</tbody></table>
        </Card>
      </div>
    </div>
  );
}
