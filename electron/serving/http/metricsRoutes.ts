// GET /metrics, as Prometheus reads it.
import { expositionType } from '../metrics/exposition.ts';
import { prometheusText } from '../metrics/prometheusText.ts';
import type { RouteFinder } from './HttpExchange.ts';

export const metricsRoutes: RouteFinder = (parts) => (parts.length === 1 && parts[0] === 'metrics'
  ? { GET: (_exchange, { registry, metrics }) => ({ status: 200, body: prometheusText(registry.versions(), metrics), headers: { 'content-type': expositionType } }) }
  : null);
