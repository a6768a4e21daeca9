// The version of a station that answers the line, out of all that it has had.
export const liveVersion = <V extends { readonly id: string }>({ versions, live }: { readonly versions: readonly V[]; readonly live: string }): V | undefined => versions.find(({ id }) => id === live);
