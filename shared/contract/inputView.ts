// One input of a model as a person sees it who judges it: a picture or a row, without its name and label, which could tell the answer.
import { z } from 'zod';

export const inputViewSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('image'), /** PNG as a data URL, at most 640 pixels a side. */ dataUrl: z.string(), width: z.number(), height: z.number() }),
  z.object({ kind: z.literal('row'), values: z.array(z.object({ name: z.string(), value: z.string() })), /** Values beyond those listed. */ left: z.number() }),
]);
export type InputView = z.infer<typeof inputViewSchema>;
