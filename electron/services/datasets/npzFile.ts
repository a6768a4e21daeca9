// The arrays inside a .npz (a zip of .npy members), read by its central directory: stored members in place, deflated ones inflated once.
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';
import { AppError } from '#shared/errors';
import { fileSource, memorySource, openNpy, type ByteSource, type NpyArray } from './npyFile.ts';

interface Member { readonly name: string; readonly method: number; readonly packedBytes: number; readonly plainBytes: number; readonly headerAt: number }

/** Deflated members up to this size stay in memory; larger ones go to a temporary file. */
const inMemoryBytes = 64 * 1024 * 1024;
const largestMemberBytes = 64 * 1024 ** 3;

export interface OpenedNpz { readonly arrays: ReadonlyMap<string, NpyArray>; close(): Promise<void> }

/** Opens every `.npy` member. Throws BAD_DATA when the zip is damaged, encrypted or holds two members of one name. */
export async function openNpz(path: string, name: string): Promise<OpenedNpz> {
  const whole = await fileSource(path, name);
  const opened: NpyArray[] = [];
  let scratch: string | null = null;
  const close = async () => {
    for (const array of opened) await array.close();
    if (scratch !== null) await rm(scratch, { recursive: true, force: true });
  };
  try {
    const members = await listMembers(whole);
    const arrays = new Map<string, NpyArray>();
    for (const member of members) {
      if (!member.name.endsWith('.npy')) continue;
      const key = member.name.slice(0, -'.npy'.length);
      if (arrays.has(key)) throw damaged(name, `holds "${member.name}" twice`);
      const label = `${name}/${member.name}`;
      const start = await dataStart(whole, member);
      let source: ByteSource;
      if (member.method === 0) source = await fileSource(path, label, start, member.plainBytes);
      else if (member.plainBytes <= inMemoryBytes) source = memorySource(await inflateToMemory(path, start, member, label), label);
      else {
        scratch ??= await mkdtemp(join(tmpdir(), 'millwright-npz-'));
        const target = join(scratch, `${opened.length}.npy`);
        await pipeline(createReadStream(path, { start, end: start + member.packedBytes - 1 }), createInflateRaw(), limitBytes(member.plainBytes, label), createWriteStream(target));
        source = await fileSource(target, label);
      }
      const array = await openNpy(source).catch(async (error: unknown) => { await source.close(); throw error; });
      arrays.set(key, array);
      opened.push(array);
    }
    return { arrays, close };
  } catch (error) {
    await close();
    if (error instanceof AppError || !(error instanceof Error) || !('code' in error) || !String(error.code).startsWith('Z_')) throw error;
    throw damaged(name, 'is damaged: its compressed data cannot be read');
  } finally {
    await whole.close();
  }
}

function damaged(name: string, why: string): AppError {
  return new AppError('BAD_DATA', `${name} ${why}.`, { hint: 'Save it again with numpy.savez(), or copy it again.' });
}

async function listMembers(file: ByteSource): Promise<Member[]> {
  const tailBytes = Math.min(file.sizeBytes, 22 + 65_535);
  const tail = Buffer.from(await file.read(file.sizeBytes - tailBytes, tailBytes));
  const end = tail.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  if (end < 0 || end + 22 > tail.length) throw damaged(file.name, 'is not a .npz file (a zip of arrays)');
  let count = tail.readUInt16LE(end + 10), size = tail.readUInt32LE(end + 12), at = tail.readUInt32LE(end + 16);
  const locator = end - 20;
  if (locator >= 0 && tail.toString('latin1', locator, locator + 4) === 'PK\x06\x07') {
    const end64 = Buffer.from(await readAt(file, Number(tail.readBigUInt64LE(locator + 8)), 56));
    if (end64.toString('latin1', 0, 4) === 'PK\x06\x06') [count, size, at] = [Number(end64.readBigUInt64LE(32)), Number(end64.readBigUInt64LE(40)), Number(end64.readBigUInt64LE(48))];
  }
  if (count > 10_000 || size > 16 * 1024 * 1024) throw damaged(file.name, 'has a directory that is far too large');
  const directory = Buffer.from(await readAt(file, at, size));
  const members: Member[] = [];
  for (let position = 0; members.length < count; ) {
    if (position + 46 > directory.length || directory.toString('latin1', position, position + 4) !== 'PK\x01\x02') throw damaged(file.name, 'has a damaged directory');
    const flags = directory.readUInt16LE(position + 8), method = directory.readUInt16LE(position + 10);
    let packedBytes = directory.readUInt32LE(position + 20), plainBytes = directory.readUInt32LE(position + 24), headerAt = directory.readUInt32LE(position + 42);
    const nameLength = directory.readUInt16LE(position + 28), extraLength = directory.readUInt16LE(position + 30), commentLength = directory.readUInt16LE(position + 32);
    const name = directory.toString('utf8', position + 46, position + 46 + nameLength);
    const extra = directory.subarray(position + 46 + nameLength, position + 46 + nameLength + extraLength);
    for (let field = 0; field + 4 <= extra.length; field += 4 + extra.readUInt16LE(field + 2)) {
      if (extra.readUInt16LE(field) !== 1) continue; // zip64: only the sizes that are 0xffffffff follow, in this order
      let value = field + 4;
      const next = () => { if (value + 8 > extra.length) throw damaged(file.name, 'has a damaged directory'); value += 8; return Number(extra.readBigUInt64LE(value - 8)); };
      if (plainBytes === 0xffffffff) plainBytes = next();
      if (packedBytes === 0xffffffff) packedBytes = next();
      if (headerAt === 0xffffffff) headerAt = next();
    }
    if (flags & 1) throw damaged(file.name, 'is encrypted');
    if (method !== 0 && method !== 8) throw damaged(file.name, `holds "${name}" compressed in a way that is not read here`);
    if (plainBytes > largestMemberBytes || (method === 0 && packedBytes !== plainBytes)) throw damaged(file.name, 'has a damaged directory');
    members.push({ name, method, packedBytes, plainBytes, headerAt });
    position += 46 + nameLength + extraLength + commentLength;
  }
  return members;
}

async function readAt(file: ByteSource, offset: number, length: number): Promise<Uint8Array> {
  if (!Number.isSafeInteger(offset) || offset < 0 || offset + length > file.sizeBytes) throw damaged(file.name, 'is cut or damaged');
  return file.read(offset, length);
}

async function dataStart(file: ByteSource, member: Member): Promise<number> {
  const header = Buffer.from(await readAt(file, member.headerAt, 30));
  if (header.toString('latin1', 0, 4) !== 'PK\x03\x04') throw damaged(file.name, 'is cut or damaged');
  const start = member.headerAt + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (start + member.packedBytes > file.sizeBytes) throw damaged(file.name, 'is cut');
  return start;
}

/** Ends the stream with BAD_DATA as soon as it holds more than the directory promised. */
function limitBytes(promised: number, label: string): Transform {
  let seen = 0;
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => { seen += chunk.length; if (seen > promised) done(damaged(label, 'is larger than its directory says')); else done(null, chunk); },
    flush: (done) => done(seen === promised ? null : damaged(label, 'is shorter than its directory says')),
  });
}

async function inflateToMemory(path: string, start: number, member: Member, label: string): Promise<Uint8Array> {
  const bytes = new Uint8Array(member.plainBytes);
  let at = 0;
  const collect = limitBytes(member.plainBytes, label);
  collect.on('data', (chunk: Buffer) => { bytes.set(chunk, at); at += chunk.length; });
  if (member.packedBytes === 0) throw damaged(label, 'is empty');
  await pipeline(createReadStream(path, { start, end: start + member.packedBytes - 1 }), createInflateRaw(), collect);
  return bytes;
}
