// The `detector` group of dataset.yaml: how the outputs of a detector are read, which boxes are kept, and from which score on one counts as found.
import { z } from 'zod';

const share = z.number().min(0).max(1);
export const detectorSchema = z.object({
  /** boxes: selected inside the model; rows: x1, y1, x2, y2, score, class; pairs: a box and a row of class scores an anchor; yolo: v8 and later; yolov5: with an objectness. */
  format: z.enum(['auto', 'boxes', 'rows', 'pairs', 'yolo', 'yolov5']).default('auto'),
  /** What the four numbers of a box are; centres for YOLO heads, corners for the others. */
  box: z.enum(['xyxy', 'yxyx', 'xywh', 'cxcywh']).optional(),
  /** share: 0 to 1 of the input's width and height; told from the answers without it. */
  unit: z.enum(['pixels', 'share']).optional(),
  /** Index of the class that stands for nothing, or false; class 0 where there is one class score more than classes. */
  background: z.union([z.number().int().min(0), z.literal(false)]).optional(),
  /** What makes scores out of the numbers of a raw head. */
  activation: z.enum(['none', 'sigmoid', 'softmax']).default('none'),
  /** From this score on a box counts as found on the line: for escapes and false alarms. */
  score: share.default(0.5),
  /** Average precision is made of all boxes above this score. */
  keep: share.default(0.001),
  /** Of two boxes of one class that overlap more than this the weaker one goes. */
  iou: share.default(0.5),
  /** Boxes of one class that are kept at most on an image. */
  max: z.number().int().min(1).max(10_000).default(300),
}).strict();
export type DetectorSpec = z.infer<typeof detectorSchema>;
export const plainDetector: DetectorSpec = detectorSchema.parse({});
