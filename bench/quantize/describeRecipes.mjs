// The results of recipes.mjs as a page to read: per model the reference's best setting, and each recipe with what it kept.
const decibels = (line) => (line.failed ? '' : line.sqnrDb === null ? 'identical' : line.sqnrDb <= -900 ? 'not finite' : line.sqnrDb.toFixed(1));
const row = (bytes, line) => (line.failed
  ? `| ${line.side} | ${line.setting} | | | | | refused: ${line.failed.replaceAll('|', '/').replaceAll('\n', ' ')} |`
  : `| ${line.side} | ${line.setting} | ${decibels(line)} | ${(line.agreement * 100).toFixed(1)} | ${(line.bytes / bytes).toFixed(2)} | ${line.latencyRatio.toFixed(2)} (${line.nullRatio.toFixed(2)}) | ${[line.keptOriginal ? 'the original was kept, and said so' : line.side === 'millwright' && line.setting.startsWith('auto') ? line.recipe : '', (line.said ?? []).join(', '), didNothing(bytes, line) ? 'nothing was gained, in silence' : ''].filter(Boolean).join('; ')} |`);
/** No smaller and hardly different: it found nothing to quantize, and did not say so. */
const didNothing = (bytes, line) => line.side === 'reference' && line.bytes >= 0.98 * bytes && (line.sqnrDb === null || line.sqnrDb > 40);
const kept = (line) => (line.failed ? -Infinity : line.sqnrDb ?? Infinity);

/** @param {Record<string, { bytes: number, budgetS: number, lines: { side: string, setting: string, failed?: string, sqnrDb?: number | null, agreement?: number, bytes?: number, latencyRatio?: number, nullRatio?: number, recipe?: string, keptOriginal?: boolean, said?: string[] }[] }>} results */
export function describeRecipes(results) {
  const summary = Object.entries(results).map(([model, { bytes, lines }]) => {
    const best = lines.filter((l) => l.side === 'reference' && !l.failed && !didNothing(bytes, l)).sort((a, b) => kept(b) - kept(a))[0];
    const noSlower = lines.filter((l) => l.side === 'reference' && !l.failed && !didNothing(bytes, l) && l.latencyRatio <= Math.max(1.05, l.nullRatio)).sort((a, b) => kept(b) - kept(a))[0];
    const against = (auto) => (auto.failed ? 'refused' : auto.keptOriginal ? 'original kept, said' : !best || kept(auto) > kept(best) ? 'above' : noSlower && kept(auto) <= kept(noSlower) ? 'below' : `below; above what the reference has at FP32's latency (${noSlower ? `${noSlower.setting}: ${decibels(noSlower)} dB` : 'nothing'})`);
    const told = (auto) => (auto.failed ? auto.failed : `${auto.recipe}: ${decibels(auto)} dB, x ${(auto.bytes / bytes).toFixed(2)}, latency x ${auto.latencyRatio.toFixed(2)} (null ${auto.nullRatio.toFixed(2)})`);
    const autos = ['auto', 'auto, for accuracy'].map((setting) => lines.find((l) => l.setting === setting)).filter(Boolean);
    return `| ${model} | ${best ? `${best.setting}: ${decibels(best)} dB, x ${(best.bytes / bytes).toFixed(2)}, latency x ${best.latencyRatio.toFixed(2)}` : 'none works'} | ${autos.map((auto) => `${told(auto)} | ${against(auto)}`).join(' | ')} |`;
  });
  return `# Every recipe on every model

Made by \`node bench/quantize/recipes.mjs --write\`. Both sides calibrate on the same 32 samples; one program judges all files on 16 others, with Python's runtime.
SQNR: of the first output. Agreement: share of equal decisions (largest entry, or above one half where there is one value). Size and latency: against FP32; in brackets
the latency of an equal FP32 copy, measured in turn: what a ratio wanders by. The machine was shared, and auto had ${[...new Set(Object.values(results).map((one) => one.budgetS))].join(' or ')} seconds to measure. The reference gets a model raised to opset 13 where it needs that.

| model | the reference's best setting by SQNR | \`--recipe auto\`, which goes for speed | its SQNR against it | \`--recipe auto --goal accuracy\` | its SQNR against it |
|---|---|---|---|---|---|
${summary.join('\n')}
${Object.entries(results).map(([model, { bytes, lines }]) => `
## ${model} (${(bytes / 1e6).toFixed(2)} MB)
| side | setting | SQNR dB | agreement % | size | latency (null) | what was said |
|---|---|---|---|---|---|---|
${lines.map((line) => row(bytes, line)).join('\n')}
`).join('')}`;
}
