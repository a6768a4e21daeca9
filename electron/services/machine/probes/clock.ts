// The clock: what keeps it, and whether it is set by a time server, since evidence carries times.
import type { MachineReport } from '#shared/contract/machine';
import type { ProbeContext } from '../ProbeContext.ts';

export type Clock = MachineReport['clock'];

export const plainClock = (): Clock => ({ source: null, synchronised: null, timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone });

export async function probeClock(context: ProbeContext): Promise<Clock> {
  const { platform, readText } = context;
  switch (platform) {
    case 'linux': {
      const [source, synchronised] = await Promise.all([readText('/sys/devices/system/clocksource/clocksource0/current_clocksource'), linuxSynchronised(context)]);
      return { ...plainClock(), source, synchronised };
    }
    case 'win32': return { ...plainClock(), ...(await windowsClock(context)) };
    default: return plainClock();
  }
}

/** systemd first, then chrony; null when neither is there to be asked. */
async function linuxSynchronised({ run, readNames }: ProbeContext): Promise<boolean | null> {
  const asked = (program: string, args: readonly string[]) => run(program, args, 1200).catch(() => null);
  const [systemd, chrony, marks] = await Promise.all([
    asked('timedatectl', ['show', '--property=NTPSynchronized', '--value']), asked('chronyc', ['-n', '-c', 'tracking']), readNames('/run/systemd/timesync'),
  ]);
  if (systemd?.exitCode === 0 && /^(yes|no)$/.test(systemd.stdout.trim())) return systemd.stdout.trim() === 'yes';
  // The last field of chrony's CSV is the leap status; "Not synchronised" until a source is followed.
  if (chrony?.exitCode === 0) return !/not synchronised/i.test(chrony.stdout);
  return marks.includes('synchronized') ? true : null;
}

/** w32tm's words are translated on each Windows; the leap indicator's digit is not: 3 means not synchronised. */
export function parseW32tmStatus(text: string): boolean | null {
  const leap = /^[^:\n]+:\s*(\d)\s*\(/.exec(text.trim())?.[1];
  return leap === undefined ? null : leap !== '3';
}

async function windowsClock({ run }: ProbeContext): Promise<Pick<Clock, 'source' | 'synchronised'>> {
  const [status, source] = await Promise.all([run('w32tm', ['/query', '/status'], 2000), run('w32tm', ['/query', '/source'], 2000)]);
  return { synchronised: status?.exitCode === 0 ? parseW32tmStatus(status.stdout) : null, source: source?.exitCode === 0 ? source.stdout.trim() : null };
}
