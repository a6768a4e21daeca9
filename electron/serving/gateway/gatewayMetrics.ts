// The gateway's own figures in the Prometheus text format.
import type { GatewayStatus } from '#shared/gateway';

/** Upper bounds in seconds. */
const bounds = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10] as const;

interface Series { readonly counts: number[]; sum: number; total: number }

export interface GatewayMetrics {
  observe(target: string | null, status: number, seconds: number): void;
  text(status: GatewayStatus): string;
}

const quoted = (value: string) => `"${value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`;

export function makeGatewayMetrics(): GatewayMetrics {
  const answers = new Map<string, number>();
  const durations = new Map<string, Series>();
  return {
    observe(target, status, seconds) {
      const version = target ?? 'none';
      const key = `version=${quoted(version)},code="${status}"`;
      answers.set(key, (answers.get(key) ?? 0) + 1);
      const series = durations.get(version) ?? { counts: bounds.map(() => 0), sum: 0, total: 0 };
      durations.set(version, series);
      bounds.forEach((bound, index) => { if (seconds <= bound) series.counts[index] = (series.counts[index] ?? 0) + 1; });
      series.sum += seconds;
      series.total += 1;
    },
    text(status) {
      const lines: string[] = [];
      const family = (name: string, type: string, help: string, samples: readonly (readonly [labels: string, value: number])[], suffix = '') => {
        lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples.map(([labels, value]) => `${name}${suffix}${labels === '' ? '' : `{${labels}}`} ${value}`));
      };
      family('millwright_gateway_requests_total', 'counter', 'Requests by the version that answered and the status code.', [...answers]);
      lines.push('# HELP millwright_gateway_request_duration_seconds Time from the last byte of the request to the last byte of the answer.', '# TYPE millwright_gateway_request_duration_seconds histogram');
      for (const [version, { counts, sum, total }] of durations) {
        const label = `version=${quoted(version)}`;
        counts.forEach((count, index) => lines.push(`millwright_gateway_request_duration_seconds_bucket{${label},le="${bounds[index]}"} ${count}`));
        lines.push(`millwright_gateway_request_duration_seconds_bucket{${label},le="+Inf"} ${total}`, `millwright_gateway_request_duration_seconds_sum{${label}} ${sum}`, `millwright_gateway_request_duration_seconds_count{${label}} ${total}`);
      }
      family('millwright_gateway_in_flight', 'gauge', 'Requests under way.', status.targets.map(({ id, inFlight }) => [`version=${quoted(id)}`, inFlight]));
      family('millwright_gateway_breaker_open', 'gauge', '1 while a version is left alone after failures in a row.', status.targets.map(({ id, breaker }) => [`version=${quoted(id)}`, breaker === 'closed' ? 0 : 1]));
      const { differences: _kept, ...results } = status.shadow;
      family('millwright_gateway_shadow_total', 'counter', 'Answers of the shadow version compared with the ones that were sent.', Object.entries(results).map(([result, count]) => [`result="${result}"`, count]));
      family('millwright_gateway_config_revision', 'gauge', 'Revision of the orders in force.', [['', status.revision]]);
      family('millwright_gateway_stopped', 'gauge', '1 during an acceptance stop.', [['', status.stopped ? 1 : 0]]);
      return `${lines.join('\n')}\n`;
    },
  };
}
