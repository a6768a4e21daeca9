// The results of bench/quantize as a page to read: the goals, where they are met, and where the reference is better.

const goals = { wall: 0.6, cpu: 0.6, peak: 0.5 };
const mb = (bytes) => `${Math.round(bytes / 1e6)}`;
const range = ({ median, min, max }, format) => `${format(median)} (${format(min)}–${format(max)})`;
const sum = (list, of) => list.reduce((total, one) => total + of(one), 0);
const seconds = (value) => value.toFixed(2);

const table = (results, side, ratios) => `| setting | model | time, ratio | CPU time, ratio | memory, ratio | Millwright s | reference s | Millwright CPU s | reference CPU s | Millwright MB | reference MB |
|---|---|---|---|---|---|---|---|---|---|---|
${results.map(({ model, setting, reference, [side]: ours, [ratios]: ratio }) => `| ${setting} | ${model} | ${ratio.wall.toFixed(2)} | ${ratio.cpu.toFixed(2)} | ${ratio.peak.toFixed(2)} | ${range(ours.wallS, seconds)} | ${range(reference.wallS, seconds)} | ${range(ours.cpuS, seconds)} | ${range(reference.cpuS, seconds)} | ${range(ours.peakBytes, mb)} | ${range(reference.peakBytes, mb)} |`).join('\n')}`;

/**
 * @typedef {{ median: number, min: number, max: number }} Spread
 * @typedef {{ wallS: Spread, cpuS: Spread, peakBytes: Spread, largestProcessBytes: Spread }} Figures
 * @typedef {{ wall: number, cpu: number, peak: number }} Ratios
 * @typedef {{ model: string, setting: string, ratio: Ratios, ratioUnproven: Ratios, failed: { reference: string | null, millwright: string | null, unproven: string | null }, loads: { reference: boolean, millwright: boolean, unproven: boolean }, reference: Figures, millwright: Figures, unproven: Figures }} Result
 * @param {{ machine: Record<string, string | number>, rounds: number, samples: { calibration: number, held: number }, loadAverage: Spread, results: Result[] }} report what run.mjs stores
 */
export function describeResults({ machine, rounds, samples, loadAverage, results }) {
  const met = (ratios, key) => results.filter((r) => r[ratios][key] <= goals[key]).length;
  // One work day of all cases: the sum of the medians, and the largest peak.
  const whole = (side) => ({
    wall: sum(results, (r) => r[side].wallS.median) / sum(results, (r) => r.reference.wallS.median), cpu: sum(results, (r) => r[side].cpuS.median) / sum(results, (r) => r.reference.cpuS.median),
    peak: Math.max(...results.map((r) => r[side].peakBytes.median)) / Math.max(...results.map((r) => r.reference.peakBytes.median)),
  });
  const summary = [['without proof, as the reference works', 'unproven', 'ratioUnproven'], ['with proof, as it is used', 'millwright', 'ratio']].map(([name, side, ratios]) => {
    const { wall, cpu, peak } = whole(side);
    return `| ${name} | ${wall.toFixed(2)} | ${cpu.toFixed(2)} | ${peak.toFixed(2)} | ${met(ratios, 'wall')} of ${results.length} | ${met(ratios, 'cpu')} of ${results.length} | ${met(ratios, 'peak')} of ${results.length} |`;
  });
  const worse = results.flatMap(({ model, setting, ratioUnproven: ratio, failed, loads }) => [
    ...[failed.millwright, failed.unproven].flatMap((reason) => (reason ? [`${setting}, ${model}: Millwright failed: ${reason}`] : [])),
    ...(failed.reference ? [`${setting}, ${model}: the reference failed: ${failed.reference}`] : loads.reference ? [] : [`${setting}, ${model}: the reference wrote a file that its runtime does not load.`]),
    ...(ratio.cpu > 1 ? [`${setting}, ${model}: Millwright takes ${ratio.cpu.toFixed(2)} times the reference's CPU time.`] : []),
    ...(ratio.wall > 1 ? [`${setting}, ${model}: Millwright takes ${ratio.wall.toFixed(2)} times the reference's time.`] : []),
    ...(ratio.peak > 1 ? [`${setting}, ${model}: Millwright takes ${ratio.peak.toFixed(2)} times the reference's memory.`] : []),
  ]);
  return `# \`millwright quantize\` against Python's onnxruntime.quantization

Whole processes, from start to exit: Millwright's two (terminal and worker), the reference's one. The same models, the same ${samples.calibration} calibration samples, the
same methods; ${rounds} rounds each, taking turns. Ratio: Millwright over the reference, median over rounds; below 1 is better. In brackets: least and most.

With proof Millwright does more in that time: it loads its result at two optimization levels, compares it with the original on 5 to ${samples.held} samples that it did not calibrate on,
measures the error of each layer, looks whether the result is slower, and stores a receipt. The reference does none of these,
so each case is run a second time with \`--no-proof\`: then both write a file and look no further.

- CPU: ${machine.cpu}, ${machine.cores} cores; memory: ${machine.memoryGiB} GiB; ${machine.system}; Node ${machine.node}; onnxruntime-node ${machine.onnxruntimeNode}
- Reference: ${machine.reference}
- The machine was not idle: load average ${loadAverage.min.toFixed(1)} to ${loadAverage.max.toFixed(1)}, median ${loadAverage.median.toFixed(1)}, on ${machine.cores} cores. CPU time (user + system) wanders less than time on the clock.
- Memory: what is private to each process, summed, plus the largest mapping of files, sampled every 15 ms. Millwright maps weights from a scratch file; those pages count, although the system can drop them.

Goals: time at most ${goals.wall}, memory at most ${goals.peak}. Over all cases together (sum of times; largest peak), and how many cases meet the goal alone:

| | time, ratio | CPU time, ratio | largest peak, ratio | time met | CPU time met | memory met |
|---|---|---|---|---|---|---|
${summary.join('\n')}

## Without proof
${table(results, 'unproven', 'ratioUnproven')}

## With proof
${table(results, 'millwright', 'ratio')}

## Where Millwright is worse without proof, and what failed
${worse.length ? worse.map((line) => `- ${line}`).join('\n') : 'Nowhere in this run.'}
`;
}
