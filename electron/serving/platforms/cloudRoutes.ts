// The addresses at which SageMaker, Vertex AI and Azure ML look for a container's one model.
import type { RouteFinder } from '../http/HttpExchange.ts';
import { inferAny, ready, soleModel } from './soleModel.ts';

export const cloudRoutes: RouteFinder = (parts, context) => {
  const { healthRoute, predictRoute } = context.options;
  const path = `/${parts.join('/')}`;
  const health = { GET: () => ready(context) };
  const predict = { POST: async (exchange: Parameters<typeof inferAny>[0]) => inferAny(exchange, context, soleModel(context)) };
  if (path === healthRoute) return path === predictRoute ? { ...health, ...predict } : health;
  if (path === predictRoute) return predict;
  switch (path) {
    case '/ping': return health;
    case '/invocations': case '/score': return predict;
    case '/': return { GET: () => ({ status: 200, body: '{}' }) };
    default: return null;
  }
};
