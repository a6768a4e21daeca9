// Draws boxes and masks into a small picture, so that a person sees at once whether labels lie where they should.
import { toChannels } from '../preprocess/preprocessImage.ts';
import { resizeImage, type RawImage } from '../preprocess/resize.ts';
import type { LabelBox } from './cocoLabels.ts';

/** Far apart for the eye, also where red and green look alike; used over and over (Okabe and Ito 2008). */
const colors = [[230, 159, 0], [86, 180, 233], [0, 158, 115], [240, 228, 66], [0, 114, 178], [213, 94, 0], [204, 121, 167]] as const;
const colorOf = (category: number): readonly [number, number, number] => colors[category % colors.length] ?? colors[0];

/** @param scale from pixels of the boxes to pixels of the picture, for each axis */
export function drawBoxes(image: RawImage, boxes: readonly LabelBox[], scale: readonly [number, number]): RawImage {
  const { width, height } = image;
  const data = Uint8Array.from(toChannels(image, 3).data);
  const dot = (x: number, y: number, color: readonly number[]) => { if (x >= 0 && y >= 0 && x < width && y < height) data.set(color, (y * width + x) * 3); };
  for (const { category, box: [x, y, w, h] } of boxes) {
    const color = colorOf(category);
    const [x1, y1] = [Math.round(x * scale[0]), Math.round(y * scale[1])];
    const [x2, y2] = [Math.max(x1, Math.round((x + w) * scale[0]) - 1), Math.max(y1, Math.round((y + h) * scale[1]) - 1)];
    for (let at = Math.max(0, x1); at <= Math.min(width - 1, x2); at++) { dot(at, y1, color); dot(at, y2, color); }
    for (let at = Math.max(0, y1); at <= Math.min(height - 1, y2); at++) { dot(x1, at, color); dot(x2, at, color); }
  }
  return { width, height, channels: 3, data };
}

/** Half the colour of the class over each pixel; class 0 (background, or normal) and void stay as they are. */
export function tintMask(image: RawImage, mask: RawImage): RawImage {
  const { width, height } = image;
  const places = resizeImage(mask, width, height, 'nearest').data, data = Uint8Array.from(toChannels(image, 3).data);
  places.forEach((place, pixel) => {
    if (place === 0 || place === 255) return;
    colorOf(place - 1).forEach((value, channel) => { data[pixel * 3 + channel] = ((data[pixel * 3 + channel] ?? 0) + value) >> 1; });
  });
  return { width, height, channels: 3, data };
}
