// What the server counts beside its models.
export interface ServerMetrics {
  countHttp(status: number): void;
  readonly httpByStatus: ReadonlyMap<number, number>;
}

export function createServerMetrics(): ServerMetrics {
  const httpByStatus = new Map<number, number>();
  return { httpByStatus, countHttp: (status) => { httpByStatus.set(status, (httpByStatus.get(status) ?? 0) + 1); } };
}
