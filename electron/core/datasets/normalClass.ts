// Which class of an anomaly set is what is normal.

/** By its name, else the first; undefined where there is none. */
export const normalClass = (classes: readonly string[]): string | undefined => classes.find((name) => /^(good|normal|ok|0)$/i.test(name)) ?? classes[0];
