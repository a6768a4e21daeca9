// Reads CSV text in pieces (RFC 4180, with comma, semicolon, tab or bar): quoted cells, any line end, byte order mark.
import { AppError } from '#shared/errors';

export interface CsvReader {
  /** Gives a piece of text; complete rows go to the listener. */
  push(piece: string): void;
  /** The last row, where the file does not end on a line end. */
  end(): void;
}

const largestCell = 1_000_000;

/** The separator that occurs most often outside quotes in the first line; comma on a tie. */
export function guessSeparator(head: string): string {
  const counts = new Map([[',', 0], [';', 0], ['\t', 0], ['|', 0]]);
  let quoted = false;
  for (const char of head) {
    if (char === '"') quoted = !quoted;
    else if (!quoted && (char === '\n' || char === '\r')) break;
    else if (!quoted && counts.has(char)) counts.set(char, (counts.get(char) ?? 0) + 1);
  }
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}

/** `onRow` gets the cells and the 1-based line on which the row begins. Blank lines are skipped. Throws BAD_DATA for a quote that never ends. */
export function readCsv(separator: string, fileName: string, onRow: (cells: string[], line: number) => void): CsvReader {
  let cells: string[] = [];
  let cell = '';
  let line = 1, rowLine = 1;
  let state: 'start' | 'plain' | 'quoted' | 'closed' = 'start';
  let afterReturn = false;
  let any = false;
  const endCell = () => { cells.push(cell); cell = ''; state = 'start'; };
  const endRow = () => {
    endCell();
    if (any) onRow(cells, rowLine);
    cells = [];
    any = false;
  };
  return {
    push: (piece) => {
      for (const char of piece) {
        if (afterReturn) { afterReturn = false; if (char === '\n') continue; }
        if (state === 'quoted') {
          if (char === '"') state = 'closed';
          else { cell += char; if (char === '\n') line++; }
          if (cell.length > largestCell) throw new AppError('BAD_DATA', `${fileName}, row ${rowLine}: a quoted cell does not end.`, { hint: 'Look for a quotation mark without its partner in that row.' });
          continue;
        }
        if (char === '\n' || char === '\r') {
          afterReturn = char === '\r';
          line++;
          endRow();
          rowLine = line;
        } else if (char === separator) { any = true; endCell(); }
        else if (char === '"' && state === 'start' && cell === '') { any = true; state = 'quoted'; }
        else if (char === '"' && state === 'closed') { cell += '"'; state = 'quoted'; }
        else { any = true; cell += char; state = state === 'closed' ? 'closed' : 'plain'; }
      }
    },
    end: () => {
      if (state === 'quoted') throw new AppError('BAD_DATA', `${fileName}, row ${rowLine}: a quoted cell does not end.`, { hint: 'Look for a quotation mark without its partner in that row.' });
      if (any || cell !== '') endRow();
    },
  };
}
