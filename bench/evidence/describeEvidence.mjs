// The figures of evidence at scale as a page.

const mb = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;
const word = (passed) => (passed ? 'met' : 'MISSED');

export function describeEvidence({ samples, flips, noise, seed, checks, limits, validation, resumed, report, opening, machine }) {
  const rows = [
    ['Memory of the validation, all its processes together', mb(Math.max(validation.groupBytes, validation.largestBytes, resumed.groupBytes)), `< ${mb(limits.memoryBytes)}`, checks.memory],
    ['Changed decisions in the report', String(flips), `≥ ${limits.flips}`, checks.flips],
    ['Making the report: all files and the zip', seconds(report.durationMs), `< ${seconds(limits.reportMs)}`, checks.report],
    ['Size of report.html', mb(report.htmlBytes), `< ${mb(limits.htmlBytes)}`, checks.html],
    ['Opening it in Chromium until it is drawn, worst of three', opening === null ? 'no Chromium' : seconds(opening.worstMs), `< ${seconds(limits.openMs)}`, checks.opening],
    ['Stopped and resumed: results.csv', resumed.sameResults ? 'the same bytes' : 'differs', 'the same bytes', checks.resumed],
  ];
  return `# Evidence at scale

${samples} digits of the sample, drawn with shift, light and noise (standard deviation ${noise}, seed ${seed}); the sample's model, quantized badly on purpose (static INT8 by entropy
on 8 calibration images, so that one decision in twenty changes), against the original.
Made by \`node bench/evidence/run.mjs -o bench/results/evidence.json\`.

| what | measured | wanted | |
|---|---|---|---|
${rows.map(([what, measured, wanted, met]) => `| ${what} | ${measured} | ${wanted} | ${word(met)} |`).join('\n')}

The whole validation took ${seconds(validation.durationMs)}, with benchmark, self-tests and disturbed samples; its largest process held ${mb(validation.largestBytes)}.
The report's time by file, in ms: ${Object.entries(report.parts).map(([name, ms]) => `${name} ${ms}`).join(', ')}. Sizes: PDF ${mb(report.pdfBytes)}, JSON ${mb(report.jsonBytes)}, zip ${mb(report.zipBytes)}.
The second run was stopped ${resumed.stops.length} times (${resumed.stops.join('; ')}) and resumed each time.

Machine: ${machine.cpu}, ${machine.threads} threads, ${(machine.memoryBytes / 2 ** 30).toFixed(0)} GiB, ${machine.system}, Node ${machine.node}; load while measuring ${machine.load.join(', ')}${opening === null ? '' : `; Chromium ${opening.browser}`}.
`;
}
