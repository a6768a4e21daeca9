// Where each pixel of a picture lies in the model's input: the sizes and places that preprocessing works by, and that boxes and masks go through as well.

export interface Size { readonly width: number; readonly height: number }
export type ResizeRule = Size | { readonly shorter: number } | { readonly letterbox: Size; readonly fill: number };

/** The picture is resized to `resized` and put at `left`, `top` of a canvas; what it leaves free is `fill`, what lies outside is cut off. */
export interface ImageGeometry {
  readonly source: Size; readonly resized: Size; readonly canvas: Size;
  readonly left: number; readonly top: number; readonly fill: number;
}

export function imageGeometry({ width, height }: Size, rules: { readonly resize: ResizeRule | null; readonly crop: Size | null }): ImageGeometry {
  const source = { width, height };
  const { resize, crop } = rules;
  if (resize && 'letterbox' in resize) {
    const { letterbox: canvas, fill } = resize;
    const ratio = Math.min(canvas.width / width, canvas.height / height);
    const resized = { width: Math.max(1, halfEven(width * ratio)), height: Math.max(1, halfEven(height * ratio)) };
    // An odd rest puts the larger border to the right and below, as Ultralytics does.
    return { source, resized, canvas, left: Math.floor((canvas.width - resized.width) / 2), top: Math.floor((canvas.height - resized.height) / 2), fill };
  }
  const resized = resize === null ? source : 'width' in resize ? resize : shorterSide(source, resize.shorter);
  if (!crop) return { source, resized, canvas: resized, left: 0, top: 0, fill: 0 };
  // As torchvision's CenterCrop: offsets rounded half to even; where the picture is smaller, the border is black.
  return { source, resized, canvas: crop, left: -halfEven((resized.width - crop.width) / 2), top: -halfEven((resized.height - crop.height) / 2), fill: 0 };
}

/** As torchvision's Resize(int): the shorter side to the size, the other truncated. */
function shorterSide({ width, height }: Size, size: number): Size {
  return width <= height ? { width: size, height: Math.trunc((size * height) / width) } : { width: Math.trunc((size * width) / height), height: size };
}

function halfEven(value: number): number {
  const floor = Math.floor(value), rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
}

/** x, y, width, height of a box in the picture, as pixels of the model's input. */
export type Rectangle = readonly [number, number, number, number];

/** What of a box is seen in the model's input; null where nothing is. */
export function placeBox([x, y, width, height]: Rectangle, { source, resized, canvas, left, top }: ImageGeometry): Rectangle | null {
  const scaleX = resized.width / source.width, scaleY = resized.height / source.height;
  const [x1, y1, x2, y2] = [x * scaleX + left, y * scaleY + top, (x + width) * scaleX + left, (y + height) * scaleY + top];
  // A box that reaches over the border of its own picture stays as it is labelled; only what a crop cuts off is taken away.
  const isCut = resized.width > canvas.width || resized.height > canvas.height;
  if (!isCut) return [x1, y1, width * scaleX, height * scaleY];
  const [cx1, cy1, cx2, cy2] = [Math.max(0, x1), Math.max(0, y1), Math.min(canvas.width, x2), Math.min(canvas.height, y2)];
  return cx2 > cx1 && cy2 > cy1 ? [cx1, cy1, cx2 - cx1, cy2 - cy1] : null;
}

/** Area of the picture that one pixel of the model's input stands for. */
export const areaOfPixel = ({ source, resized }: ImageGeometry): number => (source.width * source.height) / (resized.width * resized.height);

/** Rows of `from` pixels with `channels` values each, put onto the canvas. */
export function placePixels<T extends Uint8Array | Uint16Array>(data: T, channels: number, { resized, canvas, left, top, fill }: ImageGeometry, free: number = fill): T {
  const out = new (data.constructor as new (length: number) => T)(canvas.width * canvas.height * channels); // of the same class as what it copies
  if (free !== 0) out.fill(free);
  const from = Math.max(0, -left), to = Math.min(resized.width, canvas.width - left);
  for (let y = Math.max(0, -top); y < Math.min(resized.height, canvas.height - top) && to > from; y++) {
    out.set(data.subarray((y * resized.width + from) * channels, (y * resized.width + to) * channels) as T, ((y + top) * canvas.width + from + left) * channels);
  }
  return out;
}
