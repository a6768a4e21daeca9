// Colours and tables of the terminal; plain text where nobody looks at a terminal.

export const styleNames = ['bold', 'dim', 'red', 'green', 'yellow', 'blue', 'cyan'] as const;
export type Style = Readonly<Record<(typeof styleNames)[number], (text: string) => string>>;

const codes: Readonly<Record<(typeof styleNames)[number], readonly [number, number]>> = {
  bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39], blue: [34, 39], cyan: [36, 39],
};

export function makeStyle(coloured: boolean): Style {
  const paint = (name: keyof typeof codes) => (text: string) => (coloured ? `\u001b[${codes[name][0]}m${text}\u001b[${codes[name][1]}m` : text);
  return { bold: paint('bold'), dim: paint('dim'), red: paint('red'), green: paint('green'), yellow: paint('yellow'), blue: paint('blue'), cyan: paint('cyan') };
}

/** Colour is for terminals, and not where NO_COLOR is set (no-color.org) or TERM is dumb. */
export function wantsColour(stream: { readonly isTTY?: boolean }, env: Readonly<Record<string, string | undefined>>, noColorFlag: boolean): boolean {
  return stream.isTTY === true && !noColorFlag && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}

// oxlint-disable-next-line no-control-regex -- the escape sequences that makeStyle writes
const escapes = /\u001b\[\d+m/g;
const widthOf = (text: string) => text.replace(escapes, '').length;

/** Control characters of names and messages must not reach the terminal. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- exactly these are meant; tab, newline and our own colours stay
  return text.replace(/\u001b(?!\[\d+m)|[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '?');
}

/** A longer cell would push its row over many lines; all of it is in --json. */
const longestCell = 400;

/** Cut between characters with an ellipsis; colours of the part that stays are ended. */
function shortened(cell: string): string {
  if (widthOf(cell) <= longestCell) return cell;
  const kept: string[] = [];
  let width = 0;
  for (const [part] of cell.matchAll(/\u001b\[\d+m|[^]/gu)) { // oxlint-disable-line no-control-regex -- the escape sequences that makeStyle writes
    const isColour = part.startsWith('\u001b');
    if (!isColour && (width += part.length) > longestCell - 1) break;
    kept.push(part);
  }
  return `${kept.join('')}…${kept.some((part) => part.startsWith('\u001b')) ? '\u001b[0m' : ''}`;
}

export function formatTable(head: readonly string[], rows: ReadonlyArray<ReadonlyArray<string | number>>, bold: (text: string) => string): string {
  const numeric = head.map((_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'));
  const cells = rows.map((row) => head.map((_, column) => shortened(printable(String(row[column] ?? '')).replace(/\s+/g, ' '))));
  const widths = head.map((title, column) => Math.max(widthOf(title), ...cells.map((row) => widthOf(row[column] ?? ''))));
  const line = (row: readonly string[], paint: (text: string) => string) => row.map((cell, column) => {
    const space = ' '.repeat((widths[column] ?? 0) - widthOf(cell));
    return numeric[column] ? space + paint(cell) : paint(cell) + (column === row.length - 1 ? '' : space);
  }).join('  ').trimEnd();
  return [line(head, bold), ...cells.map((row) => line(row, (text) => text))].join('\n');
}
