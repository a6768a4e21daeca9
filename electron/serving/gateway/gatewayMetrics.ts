// The gateway's own figures for Prometheus.
import type { GatewayStatus } from '#shared/gateway';
import { family, histogramSamples } from '../metrics/exposition.ts';
import { createHistogram, type Histogram } from '../metrics/Histogram.ts';

/** Dashboards keep these since the first release. */
const boundsSeconds = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10] as const;

export interface GatewayMetrics {
  observe(target: string | null, status: number, seconds: number): void;
  /** @param refused requests that were not let in */
  text(status: GatewayStatus, refused: number): string;
}

export function makeGatewayMetrics(): GatewayMetrics {
  const answers = new Map<string, { readonly version: string; readonly code: number; count: number }>();
  const durations = new Map<string, Histogram>();
  return {
    observe(target, code, seconds) {
      const version = target ?? 'none';
      const key = `${version} ${code}`;
      const answer = answers.get(key) ?? { version, code, count: 0 };
      answer.count += 1;
      answers.set(key, answer);
      const histogram = durations.get(version) ?? createHistogram(boundsSeconds);
      histogram.observe(seconds);
      durations.set(version, histogram);
    },
    text(status, refused) {
      const { differences: _kept, ...results } = status.shadow;
      const each = (value: (target: GatewayStatus['targets'][number]) => number) => status.targets.map((target) => ({ labels: { version: target.id }, value: value(target) }));
      return [
        family('millwright_gateway_requests_total', 'counter', 'Requests by the version that answered and the status code.', [...answers.values()].map(({ version, code, count }) => ({ labels: { version, code }, value: count }))),
        family('millwright_gateway_request_duration_seconds', 'histogram', 'Time from the last byte of the request to the last byte of the answer.', [...durations].flatMap(([version, histogram]) => histogramSamples(histogram, { version }))),
        family('millwright_gateway_in_flight', 'gauge', 'Requests under way.', each(({ inFlight }) => inFlight)),
        family('millwright_gateway_breaker_open', 'gauge', '1 while a version is left alone after failures in a row.', each(({ breaker }) => (breaker === 'closed' ? 0 : 1))),
        family('millwright_gateway_shadow_total', 'counter', 'Answers of the shadow version compared with the ones that were sent.', Object.entries(results).map(([result, value]) => ({ labels: { result }, value }))),
        family('millwright_gateway_refused_total', 'counter', 'Requests that were not let in: no key, a wrong one, no certificate, or not encrypted.', [{ value: refused }]),
        family('millwright_gateway_config_revision', 'gauge', 'Revision of the orders in force.', [{ value: status.revision }]),
        family('millwright_gateway_stopped', 'gauge', '1 during an acceptance stop.', [{ value: status.stopped ? 1 : 0 }]),
      ].join('');
    },
  };
}
