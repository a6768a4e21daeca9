/** Whether a container engine's address is a socket of the machine itself, and not behind a network. */
export const isLocalEngine = (url: string): boolean => /^(unix|npipe):/.test(url);
