// Brings the colour planes of a JPEG to the size of the image: the triangle filter of the reference library, bit for bit; other ratios by repetition.
export interface Plane { readonly data: Uint8Array; readonly stride: number; readonly width: number; readonly height: number }

/** One row doubled: three parts of the nearer and one of the further sample. */
function doubleRow(sums: Int32Array, width: number, out: Uint8Array, at: number, shift: number, roundLeft: number, roundRight: number): void {
  out[at] = (sums[0]! * 4 + roundLeft) >> shift;
  for (let x = 0; x < width; x++) {
    const here = sums[x]! * 3;
    if (x > 0) out[at + 2 * x] = (here + sums[x - 1]! + roundLeft) >> shift;
    if (x < width - 1) out[at + 2 * x + 1] = (here + sums[x + 1]! + roundRight) >> shift;
  }
  out[at + 2 * width - 1] = (sums[width - 1]! * 4 + roundRight) >> shift;
}

function repeat({ data, stride, width, height }: Plane, horizontal: number, vertical: number): Plane {
  const out = new Uint8Array(width * horizontal * height * vertical);
  for (let y = 0; y < height * vertical; y++) for (let x = 0; x < width * horizontal; x++) out[y * width * horizontal + x] = data[Math.floor(y / vertical) * stride + Math.floor(x / horizontal)]!;
  return { data: out, stride: width * horizontal, width: width * horizontal, height: height * vertical };
}

/** `horizontal` and `vertical` say how many times larger the image is than the plane. */
export function upsample(plane: Plane, horizontal: number, vertical: number): Plane {
  const { data, stride, width, height } = plane;
  if (horizontal === 1 && vertical === 1) return plane;
  const filtered = (horizontal === 2 && vertical <= 2 && width > 2) || (horizontal === 1 && vertical === 2);
  if (!filtered) return repeat(plane, horizontal, vertical);
  const outWide = width * horizontal;
  const out = new Uint8Array(outWide * height * vertical);
  const sums = new Int32Array(width);
  for (let y = 0; y < height; y++) for (let half = 0; half < vertical; half++) {
    const near = y * stride;
    const far = Math.min(height - 1, Math.max(0, half === 0 ? y - 1 : y + 1)) * stride;
    const at = (y * vertical + half) * outWide;
    if (horizontal === 1) {
      for (let x = 0; x < width; x++) out[at + x] = (data[near + x]! * 3 + data[far + x]! + (half === 0 ? 1 : 2)) >> 2;
    } else if (vertical === 1) {
      for (let x = 0; x < width; x++) sums[x] = data[near + x]!;
      doubleRow(sums, width, out, at, 2, 1, 2);
    } else {
      for (let x = 0; x < width; x++) sums[x] = data[near + x]! * 3 + data[far + x]!;
      doubleRow(sums, width, out, at, 4, 8, 7);
    }
  }
  return { data: out, stride: outWide, width: outWide, height: height * vertical };
}
