// Decodes the entropy-coded data of one scan into coefficients: sequential and progressive (ITU-T T.81, annexes F and G).
import type { HuffmanTable, JpegComponent, JpegFrame } from './JpegFrame.ts';
import { zigzag } from './inverseDct.ts';

export interface ScanComponent { readonly component: JpegComponent; readonly dc: HuffmanTable | null; readonly ac: HuffmanTable | null }
export interface Scan { readonly components: readonly ScanComponent[]; readonly from: number; readonly to: number; readonly high: number; readonly low: number; readonly restartInterval: number }

class BitReader {
  private bits = 0;
  private count = 0;
  private padded = 0;
  constructor(private readonly bytes: Uint8Array, public at: number, private readonly bad: (why: string) => Error) {}

  private fill(): void {
    while (this.count <= 16) {
      let byte = this.bytes[this.at];
      if (byte === undefined || (byte === 0xff && this.bytes[this.at + 1] !== 0)) {
        // a code may end right before a marker, so that some bits are looked at which are not there
        byte = 0;
        this.padded += 8;
      } else this.at += byte === 0xff ? 2 : 1;
      this.bits = ((this.bits << 8) | byte) & 0xffffff;
      this.count += 8;
    }
  }

  take(length: number): number {
    if (length === 0) return 0;
    if (this.count < length) this.fill();
    this.count -= length;
    if (this.count < this.padded) throw this.bad('it is cut');
    return (this.bits >> this.count) & ((1 << length) - 1);
  }

  decode(table: HuffmanTable | null): number {
    if (!table) throw this.bad('a code table is missing');
    if (this.count < 16) this.fill();
    const entry = table.fast[(this.bits >> (this.count - 8)) & 0xff]!;
    if (entry !== 0) {
      this.count -= entry >> 8;
      if (this.count < this.padded) throw this.bad('it is cut');
      return entry & 0xff;
    }
    for (let length = 9; length <= 16; length++) {
      const code = (this.bits >> (this.count - length)) & ((1 << length) - 1);
      if (code > table.maxCode[length]! ) continue;
      this.count -= length;
      if (this.count < this.padded) throw this.bad('it is cut');
      return table.values[code + table.offset[length]!] ?? 0;
    }
    throw this.bad('it is damaged');
  }

  /** A number of so many bits, negative where its first bit is 0. */
  signed(length: number): number {
    const value = this.take(length);
    return length > 0 && value < 1 << (length - 1) ? value - (1 << length) + 1 : value;
  }

  /** Behind the restart marker that must follow. */
  restart(): void {
    this.bits = this.count = this.padded = 0;
    const { bytes } = this;
    if (bytes[this.at] !== 0xff) throw this.bad('it is damaged');
    while (bytes[this.at] === 0xff && bytes[this.at + 1] === 0xff) this.at++;
    const marker = bytes[this.at + 1] ?? 0;
    if (marker < 0xd0 || marker > 0xd7) throw this.bad('it is damaged');
    this.at += 2;
  }
}

/** Answers where the next marker is. */
export function decodeScan(frame: JpegFrame, scan: Scan, bytes: Uint8Array, start: number, bad: (why: string) => Error): number {
  const reader = new BitReader(bytes, start, bad);
  const { from, to, high, low } = scan;
  let endOfBand = 0;

  const sequential = ({ component, dc, ac }: ScanComponent, block: number) => {
    const data = component.coefficients;
    component.dcPredictor += reader.signed(reader.decode(dc) & 15);
    data[block] = component.dcPredictor;
    for (let k = 1; k < 64; k++) {
      const symbol = reader.decode(ac);
      const size = symbol & 15;
      if (size === 0) { if (symbol !== 0xf0) break; k += 15; continue; }
      k += symbol >> 4;
      if (k > 63) throw bad('it is damaged');
      data[block + zigzag[k]!] = reader.signed(size);
    }
  };
  const dcFirst = ({ component, dc }: ScanComponent, block: number) => {
    component.dcPredictor += reader.signed(reader.decode(dc) & 15);
    component.coefficients[block] = component.dcPredictor * (1 << low);
  };
  const dcRefine = ({ component }: ScanComponent, block: number) => { if (reader.take(1) === 1) component.coefficients[block]! |= 1 << low; };
  const acFirst = ({ component, ac }: ScanComponent, block: number) => {
    if (endOfBand > 0) { endOfBand--; return; }
    for (let k = from; k <= to; k++) {
      const symbol = reader.decode(ac);
      const size = symbol & 15, run = symbol >> 4;
      if (size === 0) {
        if (run < 15) { endOfBand = (1 << run) - 1 + reader.take(run); break; }
        k += 15;
        continue;
      }
      k += run;
      if (k > 63) throw bad('it is damaged');
      component.coefficients[block + zigzag[k]!] = reader.signed(size) * (1 << low);
    }
  };
  const acRefine = ({ component: { coefficients: data }, ac }: ScanComponent, block: number) => {
    const bit = 1 << low;
    const refine = (at: number) => { if (reader.take(1) === 1 && (data[at]! & bit) === 0) data[at]! += data[at]! > 0 ? bit : -bit; };
    let k = from;
    if (endOfBand === 0) {
      for (; k <= to; k++) {
        const symbol = reader.decode(ac);
        let run = symbol >> 4;
        let value = 0;
        if ((symbol & 15) === 0) {
          if (run < 15) { endOfBand = (1 << run) + reader.take(run); break; }
        } else value = reader.take(1) === 1 ? bit : -bit;
        for (; k <= to; k++) {
          const at = block + zigzag[k]!;
          if (data[at] !== 0) refine(at);
          else if (run-- === 0) break;
        }
        if (value !== 0) {
          if (k > 63) throw bad('it is damaged');
          data[block + zigzag[k]!] = value;
        }
      }
    }
    if (endOfBand > 0) {
      for (; k <= to; k++) if (data[block + zigzag[k]!] !== 0) refine(block + zigzag[k]!);
      endOfBand--;
    }
  };
  const decodeBlock = !frame.progressive ? sequential : from === 0 ? (high === 0 ? dcFirst : dcRefine) : high === 0 ? acFirst : acRefine;

  const [only] = scan.components;
  // a scan of one component goes over the blocks that the image covers, one of several over whole units
  const single = scan.components.length === 1 && only ? only : null;
  const wide = single ? single.component.blocksWide : frame.unitsWide;
  const total = wide * (single ? single.component.blocksHigh : frame.unitsHigh);
  for (const { component } of scan.components) component.dcPredictor = 0;
  for (let unit = 0; unit < total; unit++) {
    if (scan.restartInterval > 0 && unit > 0 && unit % scan.restartInterval === 0) {
      reader.restart();
      endOfBand = 0;
      for (const { component } of scan.components) component.dcPredictor = 0;
    }
    const row = Math.floor(unit / wide), column = unit % wide;
    if (single) decodeBlock(single, (row * single.component.storedWide + column) * 64);
    else for (const one of scan.components) {
      const { horizontal, vertical, storedWide } = one.component;
      for (let v = 0; v < vertical; v++) for (let h = 0; h < horizontal; h++) decodeBlock(one, ((row * vertical + v) * storedWide + column * horizontal + h) * 64);
    }
  }
  return reader.at;
}
