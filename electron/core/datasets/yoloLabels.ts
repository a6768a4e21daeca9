// Reads a YOLO text file: one object a line, its class number and then its box (centre, size) or its outline, as shares of the picture.
import { AppError } from '#shared/errors';

/** In shares of the picture: x, y of the upper left corner, width, height. */
export interface ShareBox { readonly category: number; readonly box: readonly [number, number, number, number] }

/** @throws BAD_DATA naming file and line */
export function parseYoloLabels(text: string, fileName: string, classes: number | null): ShareBox[] {
  return text.split(/\r\n|\n|\r/).flatMap((line, at) => {
    if (line.trim() === '') return [];
    const bad = (why: string, hint = 'Each line is: class, centre x, centre y, width, height; the last four from 0 to 1.') => new AppError('BAD_DATA', `${fileName}, line ${at + 1}: ${why}.`, { hint });
    const values = line.trim().split(/\s+/).map(Number);
    const [category = -1, ...rest] = values;
    if (values.some((value) => !Number.isFinite(value))) throw bad(`"${line.trim().slice(0, 40)}" holds something that is not a number`);
    if (rest.length !== 4 && (rest.length < 6 || rest.length % 2 !== 0)) throw bad(`it has ${values.length} numbers`);
    if (!Number.isInteger(category) || category < 0) throw bad(`${category} is not a class number`);
    if (classes !== null && category >= classes) throw bad(`there is no class ${category}; dataset.yaml lists ${classes}`, 'The first class has the number 0. Add the class to dataset.yaml, or correct the line.');
    if (rest.some((value) => value < -0.001 || value > 1.001)) throw bad('a value is not from 0 to 1', 'Values are shares of the width and height of the picture, not pixels.');
    const [cx = 0, cy = 0, width = 0, height = 0] = rest;
    if (rest.length === 4) return [{ category, box: [cx - width / 2, cy - height / 2, width, height] as const }];
    const xs = rest.filter((_, place) => place % 2 === 0), ys = rest.filter((_, place) => place % 2 === 1);
    const [x, y] = [Math.min(...xs), Math.min(...ys)];
    return [{ category, box: [x, y, Math.max(...xs) - x, Math.max(...ys) - y] as const }];
  });
}
