// Refusals before any work, in words that name the node.
import { expect, it } from 'vitest';
import { refuseOldOpset } from './quantizeModel.ts';

it('dynamic INT8 below opset 11 is refused by why the model could not be raised', () => {
  const findings = [{ id: 'OPSET_NODE_REFUSED', severity: 'warning' as const, place: 'main/Resize_2', message: 'The Resize node cannot be raised to opset 11: its sizes are mixed.', remedy: 'Export the model again with a newer opset.' }];
  expect(() => refuseOldOpset({ opset: 10, findings })).toThrow(expect.objectContaining({ code: 'MODEL_UNSUPPORTED', message: expect.stringContaining('main/Resize_2: The Resize node cannot be raised') as string, hint: expect.stringContaining('static-int8') as string }) as Error);
  expect(() => refuseOldOpset({ opset: 11, findings })).not.toThrow();
});
