// Signal-to-noise ratios as noise power over signal power, which adds up over layers, and back.

/** 0 where the outputs are bit-identical. */
export const noiseOf = (sqnrDb: number | null): number => (sqnrDb === null ? 0 : 10 ** (-sqnrDb / 10));
export const decibelsOf = (noise: number): number => -10 * Math.log10(noise);
