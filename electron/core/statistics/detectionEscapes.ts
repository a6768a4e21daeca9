// What a detector lets through and what it raises for nothing, at the score from which a box counts as found on the line.
import { matchScene, sceneSteps, type FoundBox, type TruthBox } from './detection.ts';

/** A found box is that of a true one where they overlap this much. */
const sameBox = 0.5;

export interface DetectionEscapes {
  readonly truths: number; readonly escapes: number;
  /** False boxes of each image. */
  readonly alarms: readonly number[];
  /** Images with a true box, and those of them on which not one box was found: the part passes. */
  readonly defective: number; readonly escaped: number;
  /** Images without a true box, and those of them on which a box was found: the part is rejected. */
  readonly clean: number; readonly rejected: number;
  readonly classes: readonly { readonly category: number; readonly truths: number; readonly escapes: number; readonly alarms: number }[];
}

/** In steps of some images each. */
export function* countEscapes(truths: readonly TruthBox[], found: readonly FoundBox[], images: number, score: number): Generator<void, DetectionEscapes> {
  const raised = found.filter((box) => box.score >= score);
  const alarms = new Array<number>(images).fill(0);
  const classes: DetectionEscapes['classes'][number][] = [];
  for (const category of [...new Set([...truths, ...raised].map((box) => box.category))].sort((a, b) => a - b)) {
    let escapes = 0, falseBoxes = 0;
    for (const scene of yield* sceneSteps(truths, raised, category)) {
      const { found: results, missed } = matchScene(scene, sameBox);
      const wrong = results.filter(({ hit, ignored }) => !hit && !ignored).length;
      const image = (scene.truths[0] ?? scene.found[0])?.image ?? 0;
      alarms[image] = (alarms[image] ?? 0) + wrong;
      escapes += missed;
      falseBoxes += wrong;
    }
    classes.push({ category, truths: truths.filter((truth) => truth.category === category && truth.crowd !== true).length, escapes, alarms: falseBoxes });
    yield;
  }
  const withBoxes = new Set(truths.map(({ image }) => image)), withRaised = new Set(raised.map(({ image }) => image));
  const sum = (of: (each: (typeof classes)[number]) => number) => classes.reduce((total, each) => total + of(each), 0);
  return {
    truths: sum((each) => each.truths), escapes: sum((each) => each.escapes), alarms, classes,
    defective: withBoxes.size, escaped: [...withBoxes].filter((image) => !withRaised.has(image)).length,
    clean: images - withBoxes.size, rejected: [...withRaised].filter((image) => !withBoxes.has(image)).length,
  };
}
