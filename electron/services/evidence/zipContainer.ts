// The zip of an evidence package, in the one form that Millwright writes: no extra fields, comments or gaps, fixed dates. Whatever deviates by a
// byte is refused with its place, so nothing can hide between the files. PKWARE APPNOTE 6.3.10, sections 4.3 to 4.4.
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { crc32 } from './crc32.ts';

export interface ZipEntry {
  /** Lower-case path with forward slashes. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface PackedEntry extends ZipEntry {
  /** As stored in the zip; signed too, since different packings can unpack to the same bytes. */
  readonly packed: Uint8Array;
  readonly offset: number;
}

/** A deviation from the form: what, and at which byte of the zip. */
export interface ZipFault { readonly offset: number; readonly place: string; readonly message: string }

export const zipLimits = { totalBytes: 1 << 30, entryBytes: 512 << 20, entries: 256, ratio: 1200 } as const;

const namePattern = /^(?:[a-z0-9][a-z0-9._-]{0,79}\/)?[a-z0-9][a-z0-9._-]{0,79}$/;
export const isPlainName = (name: string): boolean => namePattern.test(name) && !name.includes('..');

const dosDate = (1980 - 1980) << 9 | 1 << 5 | 1; // 1 January 1980: no clock in the bytes
const methodOf = { store: 0, deflate: 8 } as const;

function localHeader(name: Buffer, method: number, crc: number, packed: number, size: number): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(method, 8);
  header.writeUInt16LE(dosDate, 12);
  header.writeUInt32LE(crc, 14);
  header.writeUInt32LE(packed, 18);
  header.writeUInt32LE(size, 22);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, name]);
}

function centralHeader(name: Buffer, method: number, crc: number, packed: number, size: number, offset: number): Buffer {
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(0x0314, 4); // made on Unix, so that the permissions below count
  header.writeUInt16LE(20, 6);
  header.writeUInt16LE(method, 10);
  header.writeUInt16LE(dosDate, 14);
  header.writeUInt32LE(crc, 16);
  header.writeUInt32LE(packed, 20);
  header.writeUInt32LE(size, 24);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt32LE((0o100644 << 16) >>> 0, 38);
  header.writeUInt32LE(offset, 42);
  return Buffer.concat([header, name]);
}

function endRecord(entries: number, size: number, offset: number): Buffer {
  const record = Buffer.alloc(22);
  record.writeUInt32LE(0x06054b50, 0);
  record.writeUInt16LE(entries, 8);
  record.writeUInt16LE(entries, 10);
  record.writeUInt32LE(size, 12);
  record.writeUInt32LE(offset, 16);
  return record;
}

/** Deflated where that saves a tenth or more, else stored. */
export function packEntry(entry: ZipEntry): PackedEntry {
  const deflated = deflateRawSync(entry.bytes, { level: 9 });
  return { ...entry, packed: deflated.length < entry.bytes.length * 0.9 ? deflated : entry.bytes, offset: 0 };
}

/** As it is. For signatures, whose packed form nothing else covers: the last byte of a deflated one has bits that mean nothing, so that a change of them would not be found. */
export const storeEntry = (entry: ZipEntry): PackedEntry => ({ ...entry, packed: entry.bytes, offset: 0 });

/** The whole zip out of packed entries, in the order given. */
export function writeZip(entries: readonly PackedEntry[]): Buffer {
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    if (!isPlainName(entry.name)) throw new Error(`not a name for a zip entry: ${entry.name}`);
    const name = Buffer.from(entry.name, 'latin1');
    const fields = [name, isStored(entry) ? methodOf.store : methodOf.deflate, crc32(entry.bytes), entry.packed.length, entry.bytes.length] as const;
    const local = localHeader(...fields);
    central.push(centralHeader(...fields, offset));
    parts.push(local, Buffer.from(entry.packed.buffer, entry.packed.byteOffset, entry.packed.length));
    offset += local.length + entry.packed.length;
  }
  const directory = Buffer.concat(central);
  return Buffer.concat([...parts, directory, endRecord(entries.length, directory.length, offset)]);
}

const isStored = (entry: PackedEntry) => entry.packed === entry.bytes || (entry.packed.length === entry.bytes.length && Buffer.compare(entry.packed, entry.bytes) === 0);

/**
 * Reads from the first byte on, entry after entry, and then demands that directory and end are exactly what writeZip would have written.
 * Entries read before a fault are answered too, so that the verifier can say more than one thing.
 */
export function readZip(zip: Buffer): { entries: PackedEntry[]; faults: ZipFault[] } {
  const entries: PackedEntry[] = [];
  const faults: ZipFault[] = [];
  const fault = (offset: number, place: string, message: string) => { faults.push({ offset, place, message }); return { entries, faults }; };
  if (zip.length > zipLimits.totalBytes) return fault(0, 'zip', `The file has ${zip.length} bytes; evidence never has more than ${zipLimits.totalBytes}.`);
  const names = new Set<string>();
  let offset = 0;
  let unpacked = 0;
  while (offset + 4 <= zip.length && zip.readUInt32LE(offset) === 0x04034b50) {
    if (offset + 30 > zip.length) return fault(offset, 'zip', 'The file ends within a header.');
    if (entries.length >= zipLimits.entries) return fault(offset, 'zip', `There are more than ${zipLimits.entries} entries.`);
    const [method, packedLength, size, nameLength] = [zip.readUInt16LE(offset + 8), zip.readUInt32LE(offset + 18), zip.readUInt32LE(offset + 22), zip.readUInt16LE(offset + 26)];
    const name = zip.toString('latin1', offset + 30, Math.min(zip.length, offset + 30 + nameLength));
    const start = offset + 30 + nameLength;
    if (!isPlainName(name)) return fault(offset + 30, 'zip', `An entry has a name that evidence never has: ${JSON.stringify(name.slice(0, 120))}.`);
    if (names.has(name)) return fault(offset, name, 'The name occurs twice.');
    if (start + packedLength > zip.length) return fault(offset, name, 'The file ends within this entry, or its length was changed.');
    unpacked += size;
    if (size > zipLimits.entryBytes || unpacked > zipLimits.totalBytes || size > packedLength * zipLimits.ratio + 4096) return fault(offset + 22, name, `The entry declares ${size} bytes, more than its packed form can hold or evidence ever has.`);
    const packed = zip.subarray(start, start + packedLength);
    const bytes = unpack(packed, method, size);
    if (typeof bytes === 'string') return fault(start, name, bytes);
    if (Buffer.compare(localHeader(Buffer.from(name, 'latin1'), method, crc32(bytes), packedLength, bytes.length), zip.subarray(offset, start)) !== 0) {
      faults.push({ offset, place: name, message: 'The header of the entry, or its content, was changed: checksum, length, date, flags or name do not fit.' });
    }
    entries.push({ name, bytes, packed: method === methodOf.store ? bytes : packed, offset });
    names.add(name);
    offset = start + packedLength;
  }
  if (entries.length === 0) return fault(0, 'zip', 'This is not an evidence package: it does not begin with a zip entry.');
  const expected = writeZip(entries).subarray(offset);
  const rest = zip.subarray(offset);
  if (Buffer.compare(expected, rest) !== 0) {
    let at = 0;
    while (at < expected.length && at < rest.length && expected[at] === rest[at]) at += 1;
    const what = rest.length > expected.length && at === expected.length ? `${rest.length - expected.length} bytes follow the end of the zip` : rest.length < expected.length && at === rest.length ? 'the zip is cut off' : 'the directory of the zip does not fit its entries';
    faults.push({ offset: offset + at, place: 'zip directory', message: `After the entries ${what}.` });
  }
  return { entries, faults };
}

/** The content, or why there is none. Never more than the declared size is unpacked. */
function unpack(packed: Buffer, method: number, size: number): Buffer | string {
  if (method === methodOf.store) return packed.length === size ? packed : 'The length of the entry was changed.';
  if (method !== methodOf.deflate) return `The entry is packed by method ${method}, which evidence never uses.`;
  try {
    const bytes = inflateRawSync(packed, { maxOutputLength: Math.max(1, size) });
    return bytes.length === size ? bytes : 'The entry unpacks to another length than it declares.';
  } catch {
    return 'The entry cannot be unpacked: its bytes were changed.';
  }
}
