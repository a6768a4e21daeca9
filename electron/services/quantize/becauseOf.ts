/** The end of a sentence that nothing was quantized: the first node that stayed, and why. */
export const becauseOf = (kept: { readonly node: string; readonly reason: string } | undefined): string => (kept ? `: ${kept.node} is kept because ${kept.reason}` : '');
