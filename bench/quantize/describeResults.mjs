// The results of bench/quantize as a page to read: the goals, where they are met, and where the reference is better.

const goals = { wall: 0.6, peak: 0.5 };
const mb = (bytes) => `${Math.round(bytes / 1e6)}`;
const range = ({ median, min, max }, format) => `${format(median)} (${format(min)}–${format(max)})`;
const seconds = (value) => value.toFixed(2);

/**
 * @typedef {{ median: number, min: number, max: number }} Spread
 * @typedef {{ wallS: Spread, cpuS: Spread, peakBytes: Spread, largestProcessBytes: Spread }} Figures
 * @typedef {{ model: string, setting: string, ratio: { wall: number, cpu: number, peak: number }, failed: { reference: string | null, millwright: string | null }, loads: { reference: boolean, millwright: boolean }, reference: Figures, millwright: Figures }} Result
 * @param {{ machine: Record<string, string | number>, rounds: number, samples: { calibration: number, held: number }, loadAverage: Spread, results: Result[] }} report what run.mjs stores
 */
export function describeResults({ machine, rounds, samples, loadAverage, results }) {
  const met = (key) => results.filter((r) => r.ratio[key] <= goals[key]).length;
  const worse = results.flatMap(({ model, setting, ratio, failed, loads }) => [
    ...(failed.millwright ? [`${setting}, ${model}: Millwright failed: ${failed.millwright}`] : []),
    ...(failed.reference ? [`${setting}, ${model}: the reference failed: ${failed.reference}`] : loads.reference ? [] : [`${setting}, ${model}: the reference wrote a file that its runtime does not load.`]),
    ...(ratio.cpu > 1 ? [`${setting}, ${model}: Millwright takes ${ratio.cpu.toFixed(2)} times the reference's CPU time.`] : []),
    ...(ratio.wall > 1 ? [`${setting}, ${model}: Millwright takes ${ratio.wall.toFixed(2)} times the reference's time.`] : []),
    ...(ratio.peak > 1 ? [`${setting}, ${model}: Millwright takes ${ratio.peak.toFixed(2)} times the reference's memory.`] : []),
  ]);
  return `# \`millwright quantize\` against Python's onnxruntime.quantization

Whole processes, from start to exit: Millwright's two (terminal and worker), the reference's one. The same models, the same ${samples.calibration} calibration samples, the
same methods; ${rounds} rounds each, taking turns. Ratio: Millwright over the reference, median over rounds; below 1 is better. In brackets: least and most.

Millwright does more in that time: it loads its result at two optimization levels, compares it with the original on ${samples.held} samples that it did not calibrate on,
measures the error of each layer, looks whether the result is slower, and stores a receipt. The reference does none of these.

- CPU: ${machine.cpu}, ${machine.cores} cores; memory: ${machine.memoryGiB} GiB; ${machine.system}; Node ${machine.node}; onnxruntime-node ${machine.onnxruntimeNode}
- Reference: ${machine.reference}
- The machine was not idle: load average ${loadAverage.min.toFixed(1)} to ${loadAverage.max.toFixed(1)}, median ${loadAverage.median.toFixed(1)}, on ${machine.cores} cores. CPU time (user + system) wanders less than time on the clock.
- Memory: what is private to each process, summed, plus the largest mapping of files, sampled every 15 ms. Millwright maps weights from a scratch file; those pages count, although the system can drop them.

Goals: time at most ${goals.wall} (met in ${met('wall')} of ${results.length}), memory at most ${goals.peak} (met in ${met('peak')} of ${results.length}).

| setting | model | time, ratio | CPU time, ratio | memory, ratio | Millwright s | reference s | Millwright CPU s | reference CPU s | Millwright MB | reference MB |
|---|---|---|---|---|---|---|---|---|---|---|
${results.map(({ model, setting, ratio, reference, millwright }) => `| ${setting} | ${model} | ${ratio.wall.toFixed(2)} | ${ratio.cpu.toFixed(2)} | ${ratio.peak.toFixed(2)} | ${range(millwright.wallS, seconds)} | ${range(reference.wallS, seconds)} | ${range(millwright.cpuS, seconds)} | ${range(reference.cpuS, seconds)} | ${range(millwright.peakBytes, mb)} | ${range(reference.peakBytes, mb)} |`).join('\n')}

## Where Millwright is worse, and what failed
${worse.length ? worse.map((line) => `- ${line}`).join('\n') : 'Nowhere in this run.'}
`;
}
