// How figures become words: fixed decimals, tabular, with units; the one place of formatting in the page.
const minus = (text: string) => text.replace('-', '−');

/** 1234567 → "1.2 MB" (decimal units, as file managers show them); null → "unknown". */
export function formatBytes(bytes: number | null): string {
  if (bytes === null || !Number.isFinite(bytes)) return 'unknown';
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 999.5 && unit < units.length - 1) { value /= 1000; unit += 1; }
  return `${unit === 0 ? value.toFixed(0) : value.toFixed(value < 99.95 ? 1 : 0)} ${units[unit] ?? 'B'}`;
}

/** Limits of containers, in the unit that they are set in: "512 MiB". */
export const formatMiB = (bytes: number): string => `${formatCount(bytes / 2 ** 20)} MiB`;

/** Memory as operating systems count it: "31.8 GB" meaning GiB. */
export const formatGiB = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GB`;

/** Latencies: three significant digits, at least one decimal below 100. */
export function formatMs(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms)) return 'unknown';
  return `${ms < 0.995 ? ms.toFixed(3) : ms < 9.995 ? ms.toFixed(2) : ms < 99.95 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
}

/** A share 0..1 as percent: 0.9934 → "99.34 %". */
export const formatShare = (share: number | null, decimals = 2): string => (share === null || !Number.isFinite(share) ? 'unknown' : `${minus((share * 100).toFixed(decimals))} %`);

export const formatDb = (db: number | null, whenNull = 'bit-exact'): string => (db === null ? whenNull : `${minus(db.toFixed(1))} dB`);

/** 1234567 → "1,234,567". */
export const formatCount = (count: number): string => minus(Math.round(count).toString().replace(/\B(?=(\d{3})+(?!\d))/g, ','));

/** Up to `digits` significant digits without exponents for everyday sizes. */
export function formatNumber(value: number | null, digits = 4): string {
  if (value === null || !Number.isFinite(value)) return 'unknown';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return minus(value.toExponential(Math.max(0, digits - 1)));
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  return minus(value.toFixed(Math.min(6, decimals)).replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, ''));
}

export const plural = (count: number, one: string, many = `${one}s`): string => `${formatCount(count)} ${count === 1 ? one : many}`;

/** A duration in words: "340 ms", "12.4 s", "3 min 12 s", "2 h 05 min". */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return 'unknown';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${Math.floor(seconds / 3600)} h ${String(Math.floor((seconds % 3600) / 60)).padStart(2, '0')} min`;
}

/** How long ago, coarse on purpose: "now", "4 min ago", "3 h ago", "2 days ago". */
export function timeAgo(iso: string, nowMs: number): string {
  const seconds = (nowMs - Date.parse(iso)) / 1000;
  if (!Number.isFinite(seconds)) return 'unknown';
  if (seconds < 45) return 'just now';
  if (seconds < 3570) return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  if (seconds < 84_600) return `${Math.round(seconds / 3600)} h ago`;
  return plural(Math.round(seconds / 86_400), 'day') + ' ago';
}

const two = (value: number) => String(value).padStart(2, '0');
/** Local time as "2026-11-24 14:02". */
export function formatDateTime(iso: string | null): string {
  const date = iso === null ? new Date(Number.NaN) : new Date(iso);
  if (Number.isNaN(date.getTime())) return '–';
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
export function formatClock(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? '–' : `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

export const shortHash = (hash: string, length = 10): string => (hash.length > length ? hash.slice(0, length) : hash);

/** [null, 3, "h", 224] → "? × 3 × h × 224"; a scalar is "scalar". */
export const formatShape = (shape: readonly (number | string | null)[]): string => (shape.length === 0 ? 'scalar' : shape.map((dim) => (dim === null ? '?' : String(dim))).join(' × '));

export const fileName = (path: string): string => path.split(/[\\/]/).filter(Boolean).at(-1) ?? path;

/** Cells that a spreadsheet would run as a formula are made harmless. */
export function toCsv(columns: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
  const cell = (value: string | number | null) => {
    if (value === null) return '';
    if (typeof value === 'number') return String(value);
    const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return [columns.map(cell).join(','), ...rows.map((row) => row.map(cell).join(','))].join('\r\n') + '\r\n';
}

/** A word of a POSIX shell, quoted only where it must be. */
export const shellWord = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

/** "Line 3 · Lid seal check": the line stands once, also where the name begins with it. */
export function stationTitle({ line, name }: { readonly line: string; readonly name: string }): string {
  const rest = line !== '' && name.startsWith(line) ? name.slice(line.length).replace(/^\s*[·:–-]\s*/, '').trim() : name;
  return rest === '' ? name : line === '' ? rest : `${line} · ${rest}`;
}
