// How the serving runtime is started in every image: the heap of glibc, the young generation of V8 and its helper threads.

/**
 * The threshold above which memory comes straight from the system, fixed. Left alone glibc raises it to the largest block ever freed; bodies of megabytes and reads of
 * 64 KB then share one heap that never shrinks, and grew by 5 MB a minute under a mixed load. Few arenas, since few threads allocate.
 */
export const allocatorEnv = { MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072', MALLOC_ARENA_MAX: '2' } as const;

export const allocatorPairs: readonly string[] = Object.entries(allocatorEnv).map(([name, value]) => `${name}=${value}`);

/**
 * Left alone the young generation of the main thread grows to 134 MB (Node 24) in the course of hours. Requests leave little behind, so that three spaces of 4 MB are enough: with 16 the same number of requests was answered
 * (small and large bodies, within the noise of the machine), and each stall left some more megabytes behind until the limit was reached.
 * V8 starts four helper threads, which collect garbage and compile. On a machine with few cores a thread that serves waits for up to a tick of the scheduler behind each of them:
 * with one of them a small model's 99th percentile fell by a quarter to a third, and it answered a tenth more requests (2 cores, 1 and 32 connections).
 */
export const nodeArguments = ['--max-semi-space-size=4', '--v8-pool-size=1'] as const;
