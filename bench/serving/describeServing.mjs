// The result of the serving comparison as a page, with what is worse than the peer and what missed its goal.
const row = (cells) => `| ${cells.join(' | ')} |`;
const table = (head, rows) => [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');
const met = ({ value, atLeast, atMost }) => (atLeast === undefined ? value <= atMost : value >= atLeast);

export function describeServing({ machine, rounds, seconds, loadAverage, summary, table: rows }) {
  const worse = rows.filter(({ server }) => server === 'millwright').flatMap((ours) => {
    const at = `${ours.load}, ${ours.connections} connections`;
    return rows.filter((one) => /^(mlserver|litserve)/.test(one.server) && one.load === ours.load && one.connections === ours.connections).flatMap((peer) => [
      ...(ours.perSecond < peer.perSecond ? [`- ${at}: ${ours.perSecond} requests a second, ${peer.server} ${peer.perSecond}.`] : []),
      ...(ours.p50Ms > peer.p50Ms ? [`- ${at}: median ${ours.p50Ms} ms, ${peer.server} ${peer.p50Ms} ms.`] : []),
      ...(ours.p99Ms > peer.p99Ms ? [`- ${at}: 99th percentile ${ours.p99Ms} ms, ${peer.server} ${peer.p99Ms} ms.`] : []),
      ...(ours.cpuUs > peer.cpuUs ? [`- ${at}: ${ours.cpuUs} µs of processor time a request, ${peer.server} ${peer.cpuUs} µs.`] : []),
    ]);
  });
  const missed = summary.filter((one) => !met(one)).map(({ figure, value, atLeast, atMost }) => `- ${figure}: ${value}, and ${atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`} was the goal.`);
  return `# The serving runtime against the raw session, MLServer and LitServe

One process of each, one thread within an execution, the same models, the same clients on the same machine (wrk over REST, perf_analyzer over gRPC). ${rounds} rounds of ${seconds} seconds for each
row, the servers taking turns within a round, the others stopped. Figures are medians over rounds; those with a goal are
medians of the ratios within each round, because the speed of a shared machine wanders. MLServer and LitServe have no binary form over REST, so those rows have no peer; perf_analyzer refuses
MLServer, which has no ModelConfig. LitServe has one worker. The raw session
is the model in a loop in process, without any server. "Station" is the way that a station's clients ask: through its gateway, a process of its own in front of the server, whose processor time is counted with it;
"recording" with the flight recorder on, which keeps each of these requests.

- CPU: ${machine.cpu}, ${machine.cores} cores; memory: ${machine.memoryGiB} GiB; ${machine.system}; Node ${machine.node}; onnxruntime-node ${machine.onnxruntimeNode}
- Peers: ${machine.peer}; MLServer with parallel_workers 0
- The machine was not idle: load average ${loadAverage.min.toFixed(1)} to ${loadAverage.max.toFixed(1)}, median ${loadAverage.median.toFixed(1)}, the client's own load included. Processor time wanders less than time on the clock.

${table(['figure', 'value', 'goal', 'met'], summary.map((one) => [one.figure, one.value, one.atLeast === undefined ? `at most ${one.atMost}` : `at least ${one.atLeast}`, met(one) ? 'yes' : 'no']))}

${table(['load', 'server', 'connections', 'requests/s', 'p50 ms', 'p99 ms', 'processor µs/request', 'failed'], rows.map((one) => [one.load, one.server, one.connections, one.perSecond, one.p50Ms, one.p99Ms, one.cpuUs, one.failed]))}

## Where Millwright is worse, and what missed its goal
${[...worse, ...missed].join('\n') || 'Nowhere in this run.'}
`;
}
