// Where models run, as a container is told, and what came of it.
export const servingProviders = ['cpu', 'cuda'] as const;
export type ServingProvider = (typeof servingProviders)[number];

export interface ProviderUse {
  readonly used: ServingProvider;
  /** Why it is not the one that was wanted; null where it is. */
  readonly missing: string | null;
}
