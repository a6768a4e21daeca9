// Boxes and masks follow what a picture shows when it is moved.
import type { Rectangle, Size } from '../preprocess/imageGeometry.ts';
import type { RawImage } from '../preprocess/resize.ts';
import type { Offset } from './disturbImage.ts';

/** Of a box less than this in the picture is not judged: what shows so little of it may or may not be found. */
const leastShown = 0.5;

/** What of a box stays in the picture, and whether that is enough to be judged; null where nothing does. */
export function moveBox([x, y, width, height]: Rectangle, { x: byX, y: byY }: Offset, size: Size): { readonly box: Rectangle; readonly isJudged: boolean } | null {
  const [left, top, right, bottom] = [Math.max(0, x + byX), Math.max(0, y + byY), Math.min(size.width, x + width + byX), Math.min(size.height, y + height + byY)];
  if (right <= left || bottom <= top) return null;
  return { box: [left, top, right - left, bottom - top], isJudged: (right - left) * (bottom - top) >= leastShown * width * height };
}

/** @param free class of what comes in from outside, where nothing is known */
export function moveMask(mask: RawImage, { x: byX, y: byY }: Offset, free: number): RawImage {
  const { width, height } = mask;
  const data = new Uint8Array(mask.data.length).fill(free);
  const from = Math.max(0, -byX), to = Math.min(width, width - byX);
  for (let y = Math.max(0, -byY); y < Math.min(height, height - byY) && to > from; y++) data.set(mask.data.subarray(y * width + from, y * width + to), (y + byY) * width + from + byX);
  return { ...mask, data };
}
