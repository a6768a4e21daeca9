// Memory that several read side by side: given back once the last of them is done.

/** Takes a part in the memory; what it answers ends that part, and does so once. */
export type Hold = () => () => void;

/** @returns `hold` for further readers, and the end of the first part, which is the lender's own */
export function lendMemory(give: () => void): { readonly hold: Hold; readonly release: () => void } {
  let readers = 0;
  const hold: Hold = () => {
    let reads = true;
    readers += 1;
    return () => {
      if (!reads) return;
      reads = false;
      readers -= 1;
      if (readers === 0) give();
    };
  };
  return { hold, release: hold() };
}
