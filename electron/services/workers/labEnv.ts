/**
 * For the worker of a quantization. glibc keeps freed memory by thread and size; told so, it gives that of a closed session back. What is smaller than 32 MiB comes from its heap: activations of a
 * calibration would else be new pages in each run, which the system has to zero (a fifth of the time of a histogram calibration). Other C libraries do not read these.
 */
export const labEnv = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '131072', MALLOC_MMAP_THRESHOLD_: '33554432' } as const;
