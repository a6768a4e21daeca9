// How the serving runtime holds memory, in every image: the heap of glibc and the young generation of V8.

/**
 * The threshold above which memory comes straight from the system, fixed. Left alone glibc raises it to the largest block ever freed; bodies of megabytes and reads of
 * 64 KB then share one heap that never shrinks, and grew by 5 MB a minute under a mixed load. Few arenas, since few threads allocate.
 */
export const allocatorEnv = { MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072', MALLOC_ARENA_MAX: '2' } as const;

export const allocatorPairs: readonly string[] = Object.entries(allocatorEnv).map(([name, value]) => `${name}=${value}`);

/** Left alone the young generation of the main thread grows to 134 MB (Node 24) in the course of hours; requests leave little behind, so that twice this many megabytes are enough. */
export const nodeArguments = ['--max-semi-space-size=16'] as const;
