// Temperature of the processor, where the system lets it be read.
import si from 'systeminformation';
import { numberOf, type ProbeContext } from '../ProbeContext.ts';

const processorSensors = /coretemp|k10temp|zenpower|x86_pkg_temp|cpu|soc|package/i;

/** Degrees Celsius of the hottest processor sensor; null where none is readable. Linux reads files only, so it is cheap enough for each second. */
export async function probeTemperature({ platform, readNames, readText }: ProbeContext): Promise<number | null> {
  if (platform !== 'linux') return (await si.cpuTemperature()).main ?? null;
  const zones = (await readNames('/sys/class/thermal')).filter((name) => name.startsWith('thermal_zone'));
  const chips = await readNames('/sys/class/hwmon');
  const read = async (name: string, value: string) => ({ name: await readText(name), millidegrees: numberOf(await readText(value)) });
  const readings = await Promise.all([
    ...zones.map((zone) => read(`/sys/class/thermal/${zone}/type`, `/sys/class/thermal/${zone}/temp`)),
    ...chips.map((chip) => read(`/sys/class/hwmon/${chip}/name`, `/sys/class/hwmon/${chip}/temp1_input`)),
  ]);
  const degrees = readings.flatMap(({ name, millidegrees }) => (millidegrees !== null && processorSensors.test(name ?? '') ? [millidegrees / 1000] : []));
  return degrees.length === 0 ? null : Math.max(...degrees);
}
